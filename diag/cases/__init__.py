"""Cases: questions that the desk keeps, looks at again, and tells about when something changed."""
