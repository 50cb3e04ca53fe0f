"""Find the releases of an environment: what each deployment has published, newest first.

A release is a version of the object ``release.json`` in the bucket of packages: ``aws s3api list-object-versions --bucket BUCKET
--prefix release.json --output json | python3 terraform/scripts/release.py`` lists them. With ``previous`` or an id as its argument it
prints the id of that one, for ``terraform plan -var release=ID``.
"""

import json
import sys

RECORD = "release.json"


def ids(listed: dict) -> list[tuple[str, str]]:
    """Return the id and the time of each release, newest first, from what ``list-object-versions`` prints.

    >>> old = {"Key": "release.json", "VersionId": "a", "IsLatest": False, "LastModified": "2026-11-01T12:00:00Z"}
    >>> new = {"Key": "release.json", "VersionId": "b", "IsLatest": True, "LastModified": "2026-11-02T12:00:00Z"}
    >>> ids({"Versions": [old, new]})
    [('b', '2026-11-02T12:00:00Z'), ('a', '2026-11-01T12:00:00Z')]
    """
    found = [version for version in listed.get("Versions") or [] if version["Key"] == RECORD]
    found.sort(key=lambda version: (version["IsLatest"], version["LastModified"]), reverse=True)
    return [(version["VersionId"], version["LastModified"]) for version in found]


def choose(releases: list[tuple[str, str]], wanted: str) -> str | None:
    """Return the id of the release that is wanted; None if there is none.

    ``previous`` is the one before what was published last, whatever is live: to go back twice changes nothing the second time.

    >>> choose([("c", ""), ("b", ""), ("a", "")], "previous"), choose([("b", ""), ("a", "")], "a"), choose([("a", "")], "previous")
    ('b', 'a', None)
    """
    known = [release for release, _ in releases]
    if wanted == "previous":
        return known[1] if len(known) > 1 else None
    return wanted if wanted in known else None


def main(arguments: list[str]) -> int:
    """Read what ``list-object-versions`` prints; list the releases, or print the id of one.

    Returns:
        the exit code: 1 if there is no such release.
    """
    releases = ids(json.loads(sys.stdin.read() or "{}"))
    if not arguments:
        print(*(f"{release}  {time}{'  published last' if index == 0 else ''}" for index, (release, time) in enumerate(releases)), sep="\n")
        return 0
    found = choose(releases, arguments[0])
    if found is None:
        print(f"error: there is no release {arguments[0]!r}; there are {', '.join(one for one, _ in releases) or 'none'}", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
