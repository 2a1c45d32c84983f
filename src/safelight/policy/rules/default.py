"""The policy that is in force until people put another one in its place."""

from functools import cache

from safelight.policy.rules.compile import Compiled, compile_policy
from safelight.policy.rules.reading import read_policy

DEFAULT = """\
# The policy that comes with Safelight. What no rule can change is in docs/policy.md, "Rails".
name = "default"

# Files: at the gate, and when an item comes in.

[[rule]]
id = "known-bytes"
stage = "file"
when = 'outcome == "known"'
then = ["block", "queue"]
why = "the very bytes of a known item"
[[rule.example]]
facts = { outcome = "known", kinds = ["exact"], distance = 0 }
matches = true
[[rule.example]]
facts = { outcome = "near", kinds = ["near"], distance = 8 }
matches = false

[[rule]]
id = "looks-known"
stage = "file"
when = 'outcome in ["near", "derivative"]'
then = ["hold", "queue"]
why = "it looks like a known item, or came from one"
[[rule.example]]
facts = { outcome = "derivative", kinds = ["derivative"], altered_area = 0.2 }
matches = true
[[rule.example]]
facts = { outcome = "suppressed", kinds = [], negative = true, suppressed = true }
matches = false

[[rule]]
id = "same-scene"
stage = "file"
when = 'outcome == "shared_scene"'
then = ["queue"]
why = "a lead to a known item: for people to look at"
[[rule.example]]
facts = { outcome = "shared_scene", kinds = ["shared_scene"] }
matches = true
[[rule.example]]
facts = { outcome = "no_match" }
matches = false

# Cases: when people, or known bytes, have decided.

[[rule]]
id = "confirmed"
stage = "case"
when = 'verdict == "confirmed"'
then = ["report", "preserve"]
why = "confirmed: a report is prepared for a person to send, and evidence is kept"
[[rule.example]]
facts = { verdict = "confirmed", classification = "B2" }
matches = true
[[rule.example]]
facts = { verdict = "not_abuse" }
matches = false

[[rule]]
id = "tell-the-uploader"
stage = "case"
when = 'verdict == "confirmed" && "eu" in jurisdictions'
then = ["notify"]
why = "the law of the EU wants whoever uploaded it told why it was removed; elsewhere that may warn them"
[[rule.example]]
facts = { verdict = "confirmed", jurisdictions = ["us", "eu"] }
matches = true
[[rule.example]]
facts = { verdict = "confirmed", jurisdictions = ["us"] }
matches = false

[[rule]]
id = "unsure"
stage = "case"
when = 'verdict == "unsure"'
then = ["queue"]
why = "somebody else has to look"
[[rule.example]]
facts = { verdict = "unsure" }
matches = true
[[rule.example]]
facts = { verdict = "confirmed" }
matches = false
"""


@cache
def default_policy() -> Compiled:
    """The policy of `DEFAULT`, ready to be asked."""
    policy, _none = read_policy(DEFAULT)
    return compile_policy(policy)
