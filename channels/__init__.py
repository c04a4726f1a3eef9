"""How messages reach Rasa: the desk's own channel, and developers' channels that production refuses."""
