"""Request lines, header lines, Host, versions, sizes: RFC 9112 sections 2 to 5, RFC 9110 sections 5 to 7."""

from vocabulary import HOST, answered, case, get, post, refused, request, waits

# -- lines
LINE = "RFC 9112, 2.2"
case("lines", LINE, "a bare LF behind the request line", b"GET / HTTP/1.1\n" + HOST + b"\r\n\r\n", refused())
case("lines", LINE, "a bare LF behind a header", get(HOST + b"\nX-A: b"), refused())
case("lines", LINE, "bare LFs throughout", b"GET / HTTP/1.1\n" + HOST + b"\n\n", refused())
case("lines", LINE, "a bare LF ends the head", b"GET / HTTP/1.1\r\n" + HOST + b"\r\n\n", refused())
case("lines", LINE, "a bare CR behind the request line", b"GET / HTTP/1.1\r" + HOST + b"\r\n\r\n", refused())
case("lines", LINE, "a bare CR in a value", post(b"Content-Length: 5", b"X-A: b\rc"), refused())
case("lines", LINE, "a CR before a header's name", get(b"\rX-A: b"), refused())
case("lines", LINE, "two CRs before the LF", b"GET / HTTP/1.1\r\r\n" + HOST + b"\r\n\r\n", refused())
case("lines", LINE, "an empty line before the request", b"\r\n" + get(), answered())
case("lines", LINE, "two empty lines before the request", b"\r\n\r\n" + get(), answered())
case("lines", LINE, "too many empty lines before the request", b"\r\n" * 9 + get(), refused())
case("lines", LINE, "a blank line of spaces first", b"   \r\n\r\n", refused())
case("lines", LINE, "spaces before the request", b"  " + get(), refused())
case("lines", LINE, "a blank before the first header", request(b"GET / HTTP/1.1", b" " + HOST), refused())
case("lines", LINE, "a line of a blank before the headers", request(b"GET / HTTP/1.1", b" ", HOST), refused())
case("lines", LINE, "a byte order mark first", b"\xef\xbb\xbf" + get(), refused())
case("lines", LINE, "bytes of no language", bytes(range(128, 256)) * 2, refused())
case("lines", LINE, "the start of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 64, refused())
case("lines", LINE, "nothing at all", b"", waits())

# -- the request line
FIRST = "RFC 9112, 3"
for name, first in (
    ("two blanks before the target", b"GET  / HTTP/1.1"),
    ("two blanks behind the target", b"GET /  HTTP/1.1"),
    ("a tab before the target", b"GET\t/ HTTP/1.1"),
    ("a tab behind the target", b"GET /\tHTTP/1.1"),
    ("a blank at the end", b"GET / HTTP/1.1 "),
    ("a blank in the target", b"GET /a b HTTP/1.1"),
    ("no target", b"GET HTTP/1.1"),
    ("an empty target", b"GET  HTTP/1.1"),
    ("no version", b"GET /"),
    ("a blank for a version", b"GET / "),
    ("only a method", b"GET"),
    ("a word before the method", b"Extra lineGET / HTTP/1.1"),
    ("a method in lower case", b"get / HTTP/1.1"),
    ("a method in mixed case", b"Get / HTTP/1.1"),
    ("a parenthesis in the method", b"GE(T / HTTP/1.1"),
    ("a colon in the method", b"GET: / HTTP/1.1"),
    ("a NUL in the method", b"GE\0T / HTTP/1.1"),
    ("a method above ASCII", b"G\xc3\x8bT / HTTP/1.1"),
    ("a method of 100,000 letters", b"A" * 100_000 + b" / HTTP/1.1"),
):
    case("request line", FIRST, name, get(first=first), refused())
case("request line", FIRST, "a target of 7,900 letters", get(first=b"GET /" + b"a" * 7900 + b" HTTP/1.1"), answered())
case(
    "request line",
    FIRST,
    "a target of 100,000 letters",
    get(first=b"GET /" + b"a" * 100_000 + b" HTTP/1.1"),
    refused(414),
)

# -- the version
VERSION = "RFC 9112, 2.3"
for name, version, status in (
    ("9.9", b"HTTP/9.9", 505),
    ("2.0", b"HTTP/2.0", 505),
    ("0.9", b"HTTP/0.9", 505),
    ("1.2", b"HTTP/1.2", 505),
    ("no minor digit", b"HTTP/1", 400),
    ("a point and no digit", b"HTTP/1.", 400),
    ("leading zeros", b"HTTP/01.01", 400),
    ("two minor digits", b"HTTP/1.10", 400),
    ("a blank inside", b"HTTP/ 1.1", 400),
    ("in lower case", b"http/1.1", 400),
    ("another protocol", b"HTCPCP/1.1", 400),
    ("a comma for the point", b"HTTP/1,1", 400),
    ("a sign", b"HTTP/+1.1", 400),
    ("letters", b"HTTP/x.y", 400),
    ("no slash", b"HTTP 1.1", 400),
):
    case("version", VERSION, name, get(first=b"GET / " + version), refused(status))
case("version", VERSION, "HTTP/0.9's request", b"GET /\r\n", refused())
case("version", VERSION, "1.0 without Host", request(b"GET / HTTP/1.0"), answered(closes=True))

# -- the target's form
TARGET = "RFC 9112, 3.2"
for name, first in (
    ("a fragment", b"GET /a#b HTTP/1.1"),
    ("an asterisk with GET", b"GET * HTTP/1.1"),
    ("an asterisk with POST", b"POST * HTTP/1.1"),
    ("a path without its slash", b"GET a/b HTTP/1.1"),
    ("a NUL", b"GET /\0a HTTP/1.1"),
    ("a control byte", b"GET /\x01a HTTP/1.1"),
    ("DEL", b"GET /\x7fa HTTP/1.1"),
    ("bytes above ASCII", b"GET /caf\xc3\xa9 HTTP/1.1"),
    ("another scheme", b"GET ftp://localhost/ HTTP/1.1"),
    ("a URL without a host", b"GET http:///a HTTP/1.1"),
    ("a URL that names a user", b"GET http://me@localhost/ HTTP/1.1"),
    ("a URL of another host", b"GET http://elsewhere.example/ HTTP/1.1"),
    ("an authority with GET", b"GET localhost:80 HTTP/1.1"),
    ("CONNECT of a path", b"CONNECT / HTTP/1.1"),
):
    case("target", TARGET, name, get(first=first), refused())
case("target", TARGET, "a URL", get(first=b"GET http://localhost/ HTTP/1.1"), answered())
case("target", TARGET, "a URL without a path", get(first=b"GET http://localhost HTTP/1.1"), answered())
case("target", TARGET, "a URL in capitals", get(first=b"GET HTTP://LOCALHOST/ HTTP/1.1"), answered())
case("target", TARGET, "a URL and no Host", get(first=b"GET http://localhost/ HTTP/1.1", host=b""), refused())
case("target", TARGET, "a query", get(first=b"GET /?a=b&c=%20/?x HTTP/1.1"), answered())
case("target", TARGET, "an escape that is none", get(first=b"GET /%zz HTTP/1.1"), answered())
case("target", TARGET, "OPTIONS *", get(first=b"OPTIONS * HTTP/1.1"), answered(204, has={"allow": ".*GET.*"}))

# -- Host
RULE = "RFC 9112, 3.2"
case("host", RULE, "none", get(host=b""), refused())
case("host", RULE, "none, with a body", request(b"POST / HTTP/1.1", b"Content-Length: 5", body=b"hello"), refused())
case("host", RULE, "two", get(HOST, b"Host: elsewhere.example"), refused())
case("host", RULE, "the same twice", get(HOST, HOST), refused())
case("host", RULE, "twice in other letters", get(HOST, b"HOST: localhost"), refused())
for name, value in (
    ("empty", b""),
    ("a user", b"me@localhost"),
    ("a path", b"localhost/a"),
    ("a query", b"localhost?a"),
    ("a scheme", b"http://localhost"),
    ("a list", b"localhost, elsewhere.example"),
    ("a blank", b"local host"),
    ("a port of letters", b"localhost:http"),
    ("a port too large", b"localhost:99999999"),
    ("two ports", b"localhost:80:80"),
    ("an open bracket", b"[::1"),
    ("a NUL", b"local\0host"),
):
    case("host", RULE, name, get(b"Host: " + value), refused())
for name, line in (
    ("with a port", b"Host: localhost:8080"),
    ("an address", b"Host: 127.0.0.1"),
    ("an IPv6 address", b"Host: [::1]:8080"),
    ("a tab before it", b"hoSt:\tlocalhost"),
    ("no blank before it", b"Host:localhost"),
):
    case("host", RULE, name, get(line), answered())

# -- header lines
FIELD = "RFC 9112, 5"
for name, line in (
    ("a blank before the colon", b"X-A : b"),
    ("a tab before the colon", b"X-A\t: b"),
    ("no name", b": b"),
    ("no colon", b"nonsense"),
    ("a bracket in the name", b"X[A: b"),
    ("brackets behind the name", b"X-A[]: b"),
    ("a blank in the name", b"X A: b"),
    ("a tab in the name", b"Content\tLength: 5"),
    ("a byte above ASCII in the name", b"X-\xc3\xab: b"),
    ("a NUL in the name", b"X\0A: b"),
    ("a NUL in the value", b"X-A: b\0c"),
    ("BEL in the value", b"X-A: b\x07"),
    ("control bytes in the value", b"X-A: b\x07\x08\x0bc"),
    ("ESC in the value", b"X-A: \x1b[1m"),
    ("DEL in the value", b"X-A: b\x7fc"),
    ("a folded line", b"X-A: b\r\n c"),
    ("a line folded by a tab", b"X-A: b\r\n\tc"),
    ("a folded empty line", b"X-A:\r\n b"),
    ("a folded Host", b"Host:\r\n localhost"),
):
    case("header", FIELD, name, get(line), refused())
case("header", FIELD, "a folded framing header", post(b"Content-Length:\r\n 5"), refused())
for name, line in (
    ("an empty value", b"X-A:"),
    ("a blank value", b"X-A: "),
    ("blanks and tabs around it", b"X-A: \t b \t "),
    ("bytes above ASCII in the value", b"X-A: caf\xc3\xa9 \xff"),
    ("every letter a name may have", b"!#$%&'*+-.^_`|~09az: b"),
    ("the same name twice", b"X-A: b\r\nX-A: c"),
    ("a Range that says nothing", b"Range: bytes=abc-xyz"),
    ("an Accept that nobody knows", b"Accept: application/x-nonsense"),
):
    case("header", FIELD, name, get(line), answered())

# -- what is seen of the lines
SEEN = b"GET /echo HTTP/1.1"
case(
    "echo",
    "RFC 9110, 5",
    "the lines as sent",
    get(b"X-One:  two \t", b"x-oNE: 3", first=SEEN),
    answered(body=b"Host: localhost\nX-One: two\nx-oNE: 3\n"),
)
case(
    "echo",
    "RFC 9110, 5.1",
    "a name keeps its letters",
    get(b"USER-AGENT: a", first=SEEN),
    answered(body=b"Host: localhost\nUSER-AGENT: a\n"),
)

# -- sizes
SIZE = "RFC 6585, 5"
case("size", SIZE, "a value of 100,000 bytes", get(b"X-A: " + b"b" * 100_000), refused(431))
case("size", SIZE, "a name of 100,000 bytes", get(b"A" * 100_000 + b": b"), refused(431))
case("size", SIZE, "10,000 lines", get(*[b"X-%d: b" % i for i in range(10_000)]), refused(431))
case("size", SIZE, "200 short lines", get(*[b"X-%d: b" % i for i in range(200)]), refused(431))
case("size", SIZE, "100 lines", get(*[b"X-%d: b" % i for i in range(100)]), answered())
case("size", SIZE, "a value of 8,000 bytes", get(b"X-A: " + b"b" * 8000), answered())
case("size", SIZE, "a cookie of 65,536 bytes", get(b"Cookie: a=" + b"b" * 65_536), refused(431))

# -- cookies, RFC 6265 5.4
COOKIE = b"GET /cookie HTTP/1.1"


def cookie(name: str, line: bytes, pairs: bytes) -> None:
    case("cookie", "RFC 6265, 5.4", name, get(line, first=COOKIE), answered(body=pairs))


cookie("one", b"Cookie: foo=bar", b"foo=bar\n")
cookie("three", b"Cookie: a=1; b=2; c=3", b"a=1\nb=2\nc=3\n")
cookie("without blanks", b"Cookie: a=1;b=2", b"a=1\nb=2\n")
cookie("an empty value", b"Cookie: foo=", b"foo=\n")
cookie("blanks and = in values", b"Cookie: a=hello world; b=x=y", b"a=hello world\nb=x=y\n")
cookie("in quotes", b'Cookie: a="b c"', b'a="b c"\n')
cookie("an empty line", b"Cookie: ", b"")
cookie("nothing but marks", b"Cookie: ===;;;", b"")
cookie("two lines", b"Cookie: a=1\r\nCookie: b=2", b"a=1\nb=2\n")
cookie(
    "a thousand",
    b"Cookie: " + b"; ".join(b"k%d=v" % i for i in range(1000)),
    b"".join(b"k%d=v\n" % i for i in range(1000)),
)
case("cookie", "RFC 9110, 5.5", "a NUL", get(b"Cookie: foo=\0bar", first=COOKIE), refused())
case("cookie", "RFC 9110, 5.5", "control bytes", get(b"Cookie: foo=\x01\x02\x03", first=COOKIE), refused())
case(
    "cookie",
    "RFC 6265, 5.4",
    "as a header line",
    get(b"Cookie: foo=bar", first=SEEN),
    answered(body=b"Host: localhost\nCookie: foo=bar\n"),
)

# -- a request in pieces: every place where it can be cut
WHOLE = get(b"X-A: b", first=b"GET /hello HTTP/1.1")
for cut in range(1, len(WHOLE)):
    case("cut", "RFC 9112, 2.2", f"behind {WHOLE[max(0, cut - 8):cut]!r}", WHOLE[:cut], waits())
