"""A simulated contact center that knows no vendor, and the server behind which a vendor's face shows it.

Import what you need from the submodules; `center` and `truth` load no web server and nothing else of ccstats.
"""
