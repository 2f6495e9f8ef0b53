"""Bad input, HTTP's rules, limits, logs, reload and drain, with raw sockets and with other people's clients."""

import http_aws
import http_bad_input
import http_bedrock
import http_doors
import http_drill
import http_embeddings
import http_entra
import http_explain
import http_google
import http_h2
import http_limits
import http_health
import http_hedging
import http_media
import http_models
import http_policies
import http_quotas
import http_room
import http_service
import http_shares
import http_signed
import http_tokens
import http_vertex
import http_wire
from runner import Suite

suite = Suite("http")
for part in (
    http_bad_input,
    http_wire,
    http_limits,
    http_h2,
    http_service,
    http_shares,
    http_doors,
    http_drill,
    http_embeddings,
    http_health,
    http_hedging,
    http_media,
    http_models,
    http_policies,
    http_quotas,
    http_room,
    http_bedrock,
    http_signed,
    http_explain,
    http_google,
    http_tokens,
    http_entra,
    http_aws,
    http_vertex,
):
    suite.cases += part.group.cases
