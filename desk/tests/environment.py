"""Before Django reads its settings: tests keep their files apart from a running desk's."""

import os
import tempfile

os.environ["ASKIMMUNE_HOME"] = tempfile.mkdtemp(prefix="askimmune-desk-tests-")
for _name in [name for name in os.environ if name.startswith("ASKIMMUNE_") and name != "ASKIMMUNE_HOME"]:
    del os.environ[_name]
for _name in ("REDIS_URL", "EMAIL_URL"):
    os.environ.pop(_name, None)
os.environ["ASKIMMUNE_REGION"] = "US"
os.environ["ASKIMMUNE_RASA_TOKEN"] = "a-token-for-tests-only-0123456789"
os.environ["ASKIMMUNE_ORIGINS"] = "https://www.clinic.example"
