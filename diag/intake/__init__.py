"""Turns the free text of a complaint, in Chinese or English, into the fields of a case.

Each value comes with the excerpt that contains it. Nothing is guessed: equally likely values remain
candidates, a local time without a zone gets none, and an uncertain kind is left open.

    statement   the user's own words in what was pasted: no markup, quotations, forms, support
    extract     accounts, amounts, assets, ids, links and memos in them
    times       dates and times, and what each is the time of
    classify    danger, the kind of complaint, its urgency, the language
    followup    what is missing, and the question that asks for it
    parser      the order of these steps
"""
