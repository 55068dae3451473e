"""Many cases in one go: rows in, a line each as they finish, and groups by cause at the end."""
