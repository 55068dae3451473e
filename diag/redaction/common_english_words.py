"""Common English words in the lists of BIP-39 and SLIP-39, which distinguish prose from a seed
phrase.

They are a sixth of the lists; eight or more among twelve random words have a chance of 1 in 10,000.
"""

from __future__ import annotations

_WORDS = """
about above access account actual address again alert already amount another answer any area ask
asset balance because become before begin below between bring business can cancel cash change
charge check choose claim click client close coin come confirm correct cost credit current day
decide deposit detail direct double early end enough error exact exchange expect fee field file
final find first follow forward future general give good great group half have help hold hour
include income increase index inform input install into issue item job just keep key kind know
later learn leave legal length letter level like limit link list little live load local lock
long main make market match mean member message method minute mistake monitor month more morning
move much must name near need network never news next night note nothing notice now number
obtain offer office often old once one online only open option order other output over own page
paid pass payment people perfect permit person phone place please point possible present price
private problem process program proof provide public put question quick ready real reason recall
receive record reduce refuse release remain remember remind remove report require rescue
response result return review right rule safe same save say screen search second security seed
select sell send service session setup share short should sign similar simple since small soon
sort source space speak special spend stable start state stay step still strong submit success
such sure swap switch system table talk target task team tell term test text thank that then
there they thing this time title today together token tomorrow tool top topic total track trade
transfer true trust try twice type under unit until update upgrade upper use useful usual valid
verify version very vote wait want warn way web welcome what when where will window wire wish
withdraw word work world worry worth write wrong year you zero
"""
WORDS = frozenset(_WORDS.split())
