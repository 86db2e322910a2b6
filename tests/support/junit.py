"""junit - whether a file is JUnit XML as Surefire and Jenkins take it.

usage: junit.py FILE    says what is wrong, and exits with 1
"""
import re, sys
import xml.etree.ElementTree as tree

RERUN = ({"message", "type"}, {"stackTrace", "system-out", "system-err"}, {"type"})
REASON = ({"message", "type"}, set(), set())
# Each element: its attributes, its children, and the attributes that it needs.
ELEMENTS = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}, set()),
    "testsuite": ({"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id",
                   "package", "file", "log", "url"},
                  {"testsuite", "properties", "testcase", "system-out", "system-err"},
                  {"name", "tests", "failures", "errors"}),
    "testcase": ({"name", "time", "classname", "group"},
                 {"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError",
                  "system-out", "system-err"}, {"name"}),
    "failure": REASON, "error": REASON, "skipped": REASON,
    "rerunFailure": RERUN, "rerunError": RERUN, "flakyFailure": RERUN, "flakyError": RERUN,
    "system-out": (set(), set(), set()), "system-err": (set(), set(), set()), "stackTrace": (set(), set(), set()),
}
TIME = re.compile(r"[0-9]*([.][0-9]{0,3})?")

def check(element, wrong):
    attributes, children, needed = ELEMENTS[element.tag]
    for name in set(element.keys()) - attributes:
        wrong.append(f"{element.tag} has the attribute {name}")
    for name in needed - set(element.keys()):
        wrong.append(f"{element.tag} needs the attribute {name}")
    if "time" in element.keys() and not TIME.fullmatch(element.get("time")):
        wrong.append(f"{element.tag} has the time {element.get('time')}")
    for child in element:
        if child.tag not in children:
            wrong.append(f"{child.tag} in {element.tag}")
        else:
            check(child, wrong)

def main():
    root = tree.parse(sys.argv[1]).getroot()
    wrong = [] if root.tag == "testsuites" else [f"the root is {root.tag}"]
    if not wrong:
        check(root, wrong)
    suite = root[0]
    cases = list(suite)
    for name, found in (("tests", len(cases)), ("failures", sum(c.find("failure") is not None for c in cases)),
                        ("errors", sum(c.find("error") is not None for c in cases)),
                        ("skipped", sum(c.find("skipped") is not None for c in cases))):
        if int(suite.get(name)) != found:
            wrong.append(f"{name} is {suite.get(name)}, not {found}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0

sys.exit(main())
