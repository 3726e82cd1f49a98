"""A simulated contact center that knows no vendor, and the server behind which a vendor's face shows it.

`kit` is what the face of a plugin may use. `center` and `truth` load no web server and nothing else of ccstats.
"""
