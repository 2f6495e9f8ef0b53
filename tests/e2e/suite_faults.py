"""Providers and clients that break, stall, leave or flood; after each, nothing is left behind."""

import faults_client
import faults_fallback
import faults_provider
from runner import Suite

suite = Suite("faults")
suite.cases = faults_provider.group.cases + faults_client.group.cases + faults_fallback.group.cases
