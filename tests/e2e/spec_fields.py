"""Every request field that the vendors' own specs name, as paths: `messages[user].content[text].cache_control`.

A word in brackets is the `type` or `role` of a list's element or of a choice; `[]` is an element that has none.
"""

import json

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class OpenApi:
    """OpenAI's and Anthropic's: schemas with unions, told apart by a constant `type` or `role`."""

    def __init__(self, file):
        with open(file, encoding="utf-8") as stream:
            self.schemas = yaml.load(stream, LOADER)["components"]["schemas"]

    def resolve(self, schema):
        """The names that were followed, and what stands there."""
        names = []
        while "$ref" in schema:
            names.append(schema["$ref"].rsplit("/", 1)[1])
            schema = self.schemas[names[-1]]
        return names, schema

    def variants(self, schema, seen):
        """The shapes that a value may have, each with what has been walked through to get there."""
        names, schema = self.resolve(schema)
        if any(name in seen for name in names):
            return
        seen = seen | set(names)
        if "allOf" in schema:
            merged = {"properties": dict(schema.get("properties", {})), "required": list(schema.get("required", []))}
            shapes = []
            for part in schema["allOf"]:
                for shape, _ in self.variants(part, seen):
                    merged["properties"].update(shape.get("properties", {}))
                    merged["required"] += shape.get("required", [])
                    shapes.append(shape)
            yield (merged if merged["properties"] else shapes[0]), seen
            return
        unions = schema.get("oneOf") or schema.get("anyOf")
        if not unions:
            yield schema, seen
            return
        for each in unions:
            yield from self.variants(each, seen)

    def constant(self, schema):
        _, schema = self.resolve(schema)
        if "const" in schema:
            return schema["const"]
        words = schema.get("enum", [])
        return words[0] if len(words) == 1 else None

    def label(self, shape):
        properties = shape.get("properties", {})
        words = [self.constant(properties[key]) for key in ("type", "role") if key in properties]
        return next((word for word in words if isinstance(word, str)), None)

    def walk(self, schema, path, seen, found):
        for shape, inside in self.variants(schema, seen):
            if "items" in shape:
                self.elements(shape["items"], path, inside, found)
                continue
            if "properties" not in shape:
                continue
            label = self.label(shape)
            here = f"{path}[{label}]" if label and path and not path.endswith("]") else path
            if here != path:
                found.setdefault(here, None)
            for key, value in shape["properties"].items():
                name = f"{here}.{key}" if here else key
                found.setdefault(name, None)
                self.walk(value, name, inside, found)

    def elements(self, schema, path, seen, found):
        for shape, inside in self.variants(schema, seen):
            here = f"{path}[{self.label(shape) or ''}]"
            found.setdefault(here, None)
            self.walk(shape, here, inside, found)

    def fields(self, name):
        found = {}
        self.walk({"$ref": f"#/components/schemas/{name}"}, "", frozenset(), found)
        return list(found)


class Discovery:
    """Google's discovery document."""

    def __init__(self, file):
        with open(file, encoding="utf-8") as stream:
            self.schemas = json.load(stream)["schemas"]

    def walk(self, schema, path, seen, found):
        if schema.get("type") == "array":
            return self.walk(schema["items"], path + "[]", seen, found)
        name = schema.get("$ref")
        if not name or name in seen or name not in self.schemas:
            return None
        for key, value in self.schemas[name].get("properties", {}).items():
            if value.get("readOnly"):
                continue
            here = f"{path}.{key}" if path else key
            found.append(here)
            self.walk(value, here, seen | {name}, found)
        return None

    def fields(self, name):
        found = []
        self.walk({"$ref": name}, "", frozenset(), found)
        return list(dict.fromkeys(found))


class Botocore:
    """AWS's service model; what goes into the path isn't in the body."""

    def __init__(self, file):
        with open(file, encoding="utf-8") as stream:
            self.shapes = json.load(stream)["shapes"]

    def walk(self, name, path, seen, found):
        shape = self.shapes[name]
        if name in seen or shape.get("document"):
            return
        if shape["type"] == "list":
            self.walk(shape["member"]["shape"], path + "[]", seen | {name}, found)
        if shape["type"] != "structure":
            return
        for key, value in shape["members"].items():
            if value.get("location"):
                continue
            here = f"{path}.{key}" if path else key
            found.append(here)
            self.walk(value["shape"], here, seen | {name}, found)

    def fields(self, name):
        found = []
        self.walk(name, "", frozenset(), found)
        return list(dict.fromkeys(found))


def fields_of(dialect, specs):
    if dialect.startswith("openai-"):
        name = {"openai-chat": "CreateChatCompletionRequest", "openai-responses": "CreateResponse"}[dialect]
        return OpenApi(specs / "openai/openapi.yaml").fields(name)
    if dialect == "anthropic-messages":
        return OpenApi(specs / "anthropic/openapi.yml").fields("CreateMessageParams")
    if dialect == "google-gemini":
        return Discovery(specs / "google/discovery.json").fields("GenerateContentRequest")
    return Botocore(specs / "aws/bedrock-runtime/service-2.json").fields("ConverseRequest")
