"""What kind of complaint it is, how urgent, in which language."""
