#!/usr/bin/env python3
"""One framework of the clients suite: `clients_frameworks.py NAME`, with the Python of .cache/venv-frameworks.

Says a text, a stream and a tool's turn, plain and streamed, through the gateway at BASE to MODEL, and prints what it
made of the answers as one JSON object, as node/clients.mjs does.
"""

import asyncio
import json
import os
import sys

BASE, MODEL, WORDS, CITY, RESULT, CLIENT_KEY, CLIENT_SECRET, SIGNER = (
    os.environ[name]
    for name in ("BASE", "MODEL", "WORDS", "CITY", "RESULT", "CLIENT_KEY", "CLIENT_SECRET", "SIGNER")
)
ECHO = f"echo {WORDS}"
ASK = f"call get_weather with city={CITY} unit=C"
REGION = "eu-central-1"


# -- LangChain


def langchain_openai():
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(base_url=f"{BASE}/v1", api_key=CLIENT_KEY, model=MODEL, max_retries=0, timeout=30)


def langchain_openai_responses():
    from langchain_openai import ChatOpenAI

    of = {"base_url": f"{BASE}/v1", "api_key": CLIENT_KEY, "max_retries": 0, "timeout": 30}
    return ChatOpenAI(model=MODEL, use_responses_api=True, **of)


def langchain_azure():
    from langchain_openai import AzureChatOpenAI

    of = {"azure_endpoint": BASE, "api_version": "2024-10-21", "max_retries": 0, "timeout": 30}
    return AzureChatOpenAI(azure_deployment=MODEL, api_key=CLIENT_KEY, **of)


def langchain_anthropic():
    from langchain_anthropic import ChatAnthropic

    return ChatAnthropic(base_url=BASE, api_key=CLIENT_KEY, model=MODEL, max_tokens=500, max_retries=0, timeout=30)


def langchain_aws():
    from langchain_aws import ChatBedrockConverse

    return ChatBedrockConverse(
        model=MODEL, provider="anthropic", base_url=BASE, region_name=REGION, aws_access_key_id=SIGNER,
        aws_secret_access_key=CLIENT_SECRET, disable_streaming=False,  # else it streams known models only
    )  # fmt: skip


def langchain_google():
    from langchain_google_genai import ChatGoogleGenerativeAI

    return ChatGoogleGenerativeAI(model=MODEL, base_url=BASE, api_key=CLIENT_KEY, max_retries=1, timeout=30)


def perform_langchain(model) -> dict:
    from typing import Literal

    from langchain_core.messages import HumanMessage
    from langchain_core.tools import tool

    @tool
    def get_weather(city: str, unit: Literal["C", "F"]) -> str:
        """A tool."""
        return RESULT

    armed = model.bind_tools([get_weather])

    def streamed(messages):
        whole = None
        for piece in armed.stream(messages):
            whole = piece if whole is None else whole + piece
        return whole

    def turn(ask) -> dict:
        messages = [HumanMessage(ASK)]
        said = ask(messages)
        messages += [said, *(get_weather.invoke(call) for call in said.tool_calls)]
        calls = [{"name": call["name"], "arguments": call["args"]} for call in said.tool_calls]
        return {"calls": calls, "last": ask(messages).text}

    return {
        "text": model.invoke(ECHO).text,
        "pieces": [piece.text for piece in model.stream(ECHO)],
        "plain": turn(armed.invoke),
        "streamed": turn(streamed),
    }


# -- pydantic-ai


def pydantic_openai():
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=f"{BASE}/v1", api_key=CLIENT_KEY))


def pydantic_responses():
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIResponsesModel(MODEL, provider=OpenAIProvider(base_url=f"{BASE}/v1", api_key=CLIENT_KEY))


def pydantic_anthropic():
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel(MODEL, provider=AnthropicProvider(base_url=BASE, api_key=CLIENT_KEY))


def pydantic_bedrock():
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    keys = {"aws_access_key_id": SIGNER, "aws_secret_access_key": CLIENT_SECRET}
    return BedrockConverseModel(MODEL, provider=BedrockProvider(base_url=BASE, region_name=REGION, **keys))


def pydantic_google():
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(MODEL, provider=GoogleProvider(base_url=BASE, api_key=CLIENT_KEY))


async def perform_pydantic(model) -> dict:
    from typing import Literal

    from pydantic_ai import Agent

    calls = []
    plain, armed = Agent(model, retries=0), Agent(model, retries=0)

    @armed.tool_plain
    def get_weather(city: str, unit: Literal["C", "F"]) -> str:
        """A tool."""
        calls.append({"name": "get_weather", "arguments": {"city": city, "unit": unit}})
        return RESULT

    said = {"text": (await plain.run(ECHO)).output}
    async with plain.run_stream(ECHO) as stream:
        said["pieces"] = [piece async for piece in stream.stream_text(delta=True, debounce_by=None)]
    said["plain"] = {"last": (await armed.run(ASK)).output, "calls": list(calls)}
    calls.clear()
    async with armed.run_stream(ASK) as stream:
        said["streamed"] = {"last": await stream.get_output(), "calls": calls}
    return said


# -- Google's SDK of the generation before, which LangChain and pydantic-ai build on


def google_sdk():
    from google import genai

    return genai.Client(api_key=CLIENT_KEY, http_options={"base_url": BASE, "timeout": 30_000})


def perform_google(client) -> dict:
    from google.genai import types

    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
        "required": ["city", "unit"],
    }
    weather = types.FunctionDeclaration(name="get_weather", description="A tool.", parameters_json_schema=schema)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[weather])])

    def parts(contents, streamed):
        asked = {"model": MODEL, "contents": contents, "config": config}
        if not streamed:
            return client.models.generate_content(**asked).candidates[0].content.parts
        chunks = [chunk for chunk in client.models.generate_content_stream(**asked) if chunk.candidates]
        contents = [chunk.candidates[0].content for chunk in chunks if chunk.candidates[0].content]
        return [part for content in contents for part in content.parts or []]

    def turn(streamed) -> dict:
        first = types.Content(role="user", parts=[types.Part(text=ASK)])
        said = parts([first], streamed)
        calls = [part.function_call for part in said if part.function_call]
        found = {"result": RESULT}
        answers = [types.FunctionResponse(id=call.id, name=call.name, response=found) for call in calls]
        then = types.Content(role="user", parts=[types.Part(function_response=answer) for answer in answers])
        last = parts([first, types.Content(role="model", parts=said), then], streamed)
        return {
            "calls": [{"name": call.name, "arguments": call.args} for call in calls],
            "last": "".join(part.text or "" for part in last),
        }

    stream = client.models.generate_content_stream(model=MODEL, contents=ECHO)
    return {
        "text": client.models.generate_content(model=MODEL, contents=ECHO).text,
        "pieces": [chunk.text or "" for chunk in stream],
        "plain": turn(False),
        "streamed": turn(True),
    }


CLIENTS = {
    "google-genai": google_sdk,
    "langchain-openai": langchain_openai,
    "langchain-openai Responses": langchain_openai_responses,
    "langchain-openai Azure": langchain_azure,
    "langchain-anthropic": langchain_anthropic,
    "langchain-aws": langchain_aws,
    "langchain-google-genai": langchain_google,
    "pydantic-ai openai": pydantic_openai,
    "pydantic-ai openai Responses": pydantic_responses,
    "pydantic-ai anthropic": pydantic_anthropic,
    "pydantic-ai bedrock": pydantic_bedrock,
    "pydantic-ai google": pydantic_google,
}


def main(name: str) -> None:
    client = CLIENTS[name]()
    if name.startswith("langchain"):
        said = perform_langchain(client)
    elif name.startswith("pydantic"):
        said = asyncio.run(perform_pydantic(client))
    else:
        said = perform_google(client)
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
