"""Free text of a complaint, in Chinese or English, turned into the fields of a case.

Nothing is guessed: each value comes with the excerpt that holds it, several equal candidates
stay candidates, and a local time without a zone stays without one.
"""
