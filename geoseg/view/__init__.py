"""Maps in the browser: a page, and the small local server that hands it what was named, and nothing
else; `app.py` is read first.
"""
