"""Bad input, HTTP's rules, limits, logs, reload and drain, with raw sockets and with other people's clients."""

import http_bad_input
import http_service
import http_wire
from runner import Suite

suite = Suite("http")
suite.cases = http_bad_input.group.cases + http_wire.group.cases + http_service.group.cases
