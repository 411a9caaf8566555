"""The local control socket and the commands and status it answers with."""
