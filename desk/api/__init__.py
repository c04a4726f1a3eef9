"""The public API and the patient's socket."""
