"""Where our HTTP/1.1 parsers differ from h11 or llhttp on purpose, and why.

Each row: judge; kind (looser: we take what it refuses; stricter: we refuse what it takes; or the field that differs);
says, a regular expression that our message (stricter), its message (looser) or the two values (a field) must contain;
cases, one for the names of the requests that may deviate so. A row of both judges is two rows. One that no request
needs fails the test.
"""


def row(judge, kind, says, why, cases=".*"):
    return {"judge": judge, "kind": kind, "says": says, "cases": cases, "why": why}


_TABLE = [
    # ---- what we take and another refuses: never framing
    row("llhttp", "looser", "Invalid method|Expected space after method",
        "llhttp has a list of methods; any other token in upper case is a method too (RFC 9110, 9.1), and the"
        " handler answers 405",
        "line-unknown-method|line-[123]-(23|2b|2d|30|5f)"),
    row("llhttp", "looser", "Invalid method",
        "what is left behind the body may still become a method, which llhttp's list rules out at once; the "
        "request itself is read alike",
        "smuggle-cl0-body|length-1-(23|2b|2d|30|5f|78)|length-4-0d0a"),
    row("h11", "looser", "no request line received",
        "an empty line before a request is to be ignored (RFC 9112, 2.2): some clients send one behind a body",
        "line-leading-crlf(-2)?|line-1-0d0a|chunk-(8|10)-0d0a|trailer-[68]-0d0a"),

    # ---- what we read otherwise
    row("both", "target", "/ 'http://",
        "an absolute target is handed on as its path, once its authority has been found to be the Host's",
        "target-absolute(-port|-no-path)?"),
    row("h11", "keep_alive", "True / False",
        "h11 never keeps HTTP/1.0 alive; we do when asked with Connection: keep-alive",
        "get-10-keep|connection-[23]-1.0"),
    row("llhttp", "keep_alive", "False / True",
        "we close whenever `close` is among the options (RFC 9112, 9.6); llhttp looks for keep-alive first in"
        " HTTP/1.0, and misses `close` before a tab",
        "connection-[45]-1.0|connection-11-1.1"),

    # ---- what we refuse and another takes: request lines
    row("h11", "stricter", "method is not a token in upper case",
        "methods are case-sensitive and every registered one is in upper case; a lower-case one is a mistake "
        "or a probe"),
    row("llhttp", "stricter", "blanks in a row|does not end with HTTP",
        "one blank between the parts (RFC 9112, 3); llhttp skips more, and takes HTTP/0.9, which has no head "
        "at all"),
    row("both", "stricter", "a byte that targets can't have",
        "h11 takes any bytes but blanks and llhttp '#': neither stands in a target (RFC 9112, 3.2)"),
    row("both", "stricter",
        "neither a path nor an http|goes with OPTIONS only|CONNECT wants|authority in the request's target",
        "neither looks at the target's form; a target that is no path, or names a user, is how a request is "
        "sent past a filter"),
    row("both", "stricter", "has a query but no path",
        "http://a?x would be handed on as /?x, which is nowhere in the bytes to point at; nobody sends it"),
    row("both", "stricter", "name different servers",
        "neither compares an absolute target with Host; servers disagree about which of the two counts"),
    row("both", "stricter", "only HTTP/1.1 and HTTP/1.0",
        "h11 takes every HTTP/1.x, llhttp 0.9 and 2.0 as well; we speak two versions (505)"),

    # ---- header lines
    row("llhttp", "stricter", "bare LF|bare CR",
        "llhttp skips single CRs and LFs before a request"),
    row("h11", "stricter", "bare LF",
        "h11 takes LF for CRLF (RFC 9112, 2.2 allows it); a proxy before us that doesn't would see other "
        "lines"),
    row("h11", "stricter", "control byte",
        "h11 keeps control bytes but NUL, CR and LF in values (RFC 9110, 5.5 says invalid)"),
    row("h11", "stricter", "line folding",
        "h11 unfolds lines, as RFC 9112, 5.2 allows; it also allows a 400, and what folds differs between "
        "programs"),
    row("both", "stricter", "host is malformed",
        "neither looks into Host"),
    row("llhttp", "stricter", "host is missing|host is given more than once",
        "llhttp leaves Host to its user"),
    row("both", "stricter", "100-continue",
        "an expectation that nobody knows is answered with 417 (RFC 9110, 10.1.1 allows it)"),

    # ---- framing
    row("h11", "stricter", "both content-length and transfer-encoding",
        "h11 drops Content-Length then (RFC 9112, 6.3 allows it, and calls it an attack)"),
    row("h11", "stricter", "content-length is given more than once",
        "h11 merges equal values"),
    row("both", "stricter", "content-length is not a plain",
        "equal values in a list, leading zeros (octal to some), and more than 63 bits"),
    row("both", "stricter", "transfer-encoding in HTTP/1.0",
        "neither looks at the version; HTTP/1.0 has no chunks (RFC 9112, 6.1: faulty framing)"),
    row("llhttp", "stricter", "more than just chunked|transfer-encoding taken is chunked",
        "llhttp takes other codings before chunked; we could not undo them"),
    row("both", "stricter", "transfer-encoding is empty",
        "no coding is no framing: llhttp then reads a body without end, h11 none"),
    row("both", "stricter", "blanks behind transfer-encoding",
        "llhttp refuses a tab there, so does what follows its rule; h11 takes both, and llhttp a space"),
    row("both", "stricter", "with an underscore",
        "programs behind CGI see Content_Length and Content-Length as one"),

    # ---- chunks
    row("h11", "stricter", "chunk's size is not a plain",
        "h11 takes blanks behind a size"),
    row("both", "stricter", "chunk's size is too large",
        "sixteen digits are enough, zeros included; llhttp takes more zeros, h11 twenty digits"),
    row("both", "stricter", "chunk's extension is malformed",
        "h11 takes any bytes, llhttp empty names and values; RFC 9112, 7.1.1 has a grammar"),
    row("h11", "stricter", "chunked body does not end with CRLF|trailer line of the chunked body is malformed",
        "h11 takes LF for CRLF, folded lines and control bytes among trailers, as in heads"),
]

_BOTH = ("h11", "llhttp")
ROWS = [{**r, "judge": judge} for r in _TABLE for judge in (_BOTH if r["judge"] == "both" else (r["judge"],))]
