"""Labels of other tools, brought into a workspace: each format a file, and one line in a table."""
