"""Classes of the Python SDKs, also for other doors than their maker's own. Each is a Tongue."""

import anthropic
import boto3
import cohere
import openai
from botocore.config import Config
from google import genai

from tongue_anthropic import Messages
from tongue_bedrock import Converse
from tongue_cohere import CohereChat
from tongue_google import Gemini
from tongue_openai import Chat, Responses

REGION = "eu-central-1"
SIGNER = "AKIDROBOT"  # the access key id of those that sign; the key is the secret
COMMON = {"max_retries": 0, "timeout": 30}


class AzureChat(Chat):
    @staticmethod
    def client(base, key):
        return openai.AzureOpenAI(azure_endpoint=base, api_version="2024-10-21", api_key=key, **COMMON)


class AzureResponses(Responses):
    @staticmethod
    def client(base, key):
        return openai.AzureOpenAI(azure_endpoint=base, api_version="2025-04-01-preview", api_key=key, **COMMON)


def openai_bedrock(base, key):
    return openai.BedrockOpenAI(
        base_url=f"{base}/openai/v1", aws_region=REGION, aws_access_key_id=SIGNER, aws_secret_access_key=key, **COMMON
    )


class BedrockChat(Chat):
    client = staticmethod(openai_bedrock)


class BedrockResponses(Responses):
    client = staticmethod(openai_bedrock)


class BedrockInvoke(Messages):
    @staticmethod
    def client(base, key):
        return anthropic.AnthropicBedrock(
            base_url=base, aws_region=REGION, aws_access_key=SIGNER, aws_secret_key=key, **COMMON
        )


class BedrockMantle(Messages):
    @staticmethod
    def client(base, key):
        return anthropic.AnthropicBedrockMantle(
            base_url=f"{base}/anthropic", aws_region=REGION, aws_access_key=SIGNER, aws_secret_key=key, **COMMON
        )


class Vertex(Messages):
    @staticmethod
    def client(base, key):
        return anthropic.AnthropicVertex(
            base_url=f"{base}/v1", region="europe-west4", project_id="quay", access_token=key, **COMMON
        )


class Foundry(Messages):
    @staticmethod
    def client(base, key):
        return anthropic.AnthropicFoundry(base_url=f"{base}/anthropic/", api_key=key, **COMMON)


class SignedConverse(Converse):
    @staticmethod
    def client(base, key, wants):
        return boto3.client(
            "bedrock-runtime", endpoint_url=base, region_name=REGION, aws_access_key_id=SIGNER,
            aws_secret_access_key=key, config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
        )  # fmt: skip


# What is driven, whether it signs, and the cloud that answers: one of another language.
CLASSES = [
    ("openai, Chat", openai, Chat(), False, "gemini"),
    ("openai, Responses", openai, Responses(), False, "messages"),
    ("anthropic", anthropic, Messages(), False, "chat"),
    ("boto3, Converse", boto3, SignedConverse(), True, "responses"),
    ("google-genai", genai, Gemini(), False, "cohere"),
    ("cohere", cohere, CohereChat(), False, "bedrock"),
    ("openai AzureOpenAI, Chat", openai, AzureChat(), False, "bedrock"),
    ("openai AzureOpenAI, Responses", openai, AzureResponses(), False, "gemini"),
    ("openai BedrockOpenAI, Chat", openai, BedrockChat(), True, "messages"),
    ("openai BedrockOpenAI, Responses", openai, BedrockResponses(), True, "cohere"),
    ("anthropic AnthropicBedrock", anthropic, BedrockInvoke(), True, "gemini"),
    ("anthropic AnthropicBedrockMantle", anthropic, BedrockMantle(), True, "chat"),
    ("anthropic AnthropicVertex", anthropic, Vertex(), False, "cohere"),
    ("anthropic AnthropicFoundry", anthropic, Foundry(), False, "responses"),
]
