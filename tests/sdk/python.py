"""What the official OpenAI SDK for Python makes of the relay. Each case says its name when it is through.

The provider behind the relay knows the cases by the first words of their users. The client checks every answer and every
event against its own types, which it does not do by default.
"""

import json
import os

import openai
from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(max_retries=0, _strict_response_validation=True)
model = os.environ["MODEL"]
WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "The weather at a place.",
    "parameters": {
        "type": "object",
        "properties": {"place": {"type": "string"}},
        "required": ["place"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Person(BaseModel):
    name: str
    age: int


PERSON = Person(name="Ada", age=36)


def user(content):
    return {"role": "user", "content": content}


def calls(response):
    return [item for item in response.output if item.type == "function_call"]


def output(call, text):
    return {"type": "function_call_output", "call_id": call.call_id, "output": text}


def equal(left, right):
    assert left == right, f"{left!r} is not {right!r}"


def rejected(error, call):
    try:
        call()
    except error as caught:
        return caught
    raise AssertionError(f"no {error.__name__}")


def text():
    response = client.responses.create(model=model, input="text: say hello")
    equal(response.object, "response")
    equal(response.status, "completed")
    equal(response.output_text, "Hello, Ada")
    equal(response.error, None)
    usage = response.usage
    equal(usage.total_tokens, usage.input_tokens + usage.output_tokens)
    equal([item.type for item in response.output], ["reasoning", "message"])


def events():
    names = []
    words = ""
    stream = client.responses.create(model=model, input="events: say hello", stream=True)
    for number, event in enumerate(stream):
        equal(event.sequence_number, number)
        if event.type == "response.output_text.delta":
            words += event.delta
        if names[-1:] != [event.type]:
            names.append(event.type)
    equal(words, "Hello, Ada")
    expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    equal(names, expected)


def stream():
    snapshot = ""
    with client.responses.stream(model=model, input="stream: say hello") as events:
        for event in events:
            if event.type == "response.output_text.delta":
                snapshot = event.snapshot
        response = events.get_final_response()
    equal(snapshot, "Hello, Ada")
    equal(response.output_text, "Hello, Ada")


def tool():
    conversation = [user("tool: how is Rome?")]
    first = client.responses.create(model=model, input=conversation, tools=[WEATHER], store=False)
    [call] = calls(first)
    equal(json.loads(call.arguments), {"place": "Rome"})
    conversation += [*first.output, output(call, "sunny")]
    second = client.responses.create(model=model, input=conversation, tools=[WEATHER], store=False)
    equal(second.output_text, "It is sunny in Rome.")


def parallel_tools():
    pieces = ""
    with client.responses.stream(model=model, input="parallel: Rome or Oslo?", tools=[WEATHER]) as events:
        for event in events:
            if event.type == "response.function_call_arguments.delta":
                pieces += event.delta
        first = events.get_final_response()
    made = calls(first)
    equal(pieces, "".join(call.arguments for call in made))
    equal([json.loads(call.arguments)["place"] for call in made], ["Rome", "Oslo"])
    outputs = [output(call, text) for call, text in zip(made, ["sunny", "snow"])]
    second = client.responses.create(model=model, previous_response_id=first.id, input=outputs, tools=[WEATHER])
    equal(second.output_text, "Go to Rome.")
    equal(second.previous_response_id, first.id)


def structured():
    response = client.responses.parse(model=model, input="structured: who?", text_format=Person)
    equal(response.output_parsed, PERSON)
    with client.responses.stream(model=model, input="structured again: who?", text_format=Person) as events:
        equal(events.get_final_response().output_parsed, PERSON)


def conversation():
    first = client.responses.create(model=model, input="conversation: one")
    second = client.responses.create(model=model, previous_response_id=first.id, input="two")
    equal(second.output_text, "I heard one and two.")
    unknown = lambda: client.responses.create(model=model, previous_response_id="resp_unknown", input="three")
    error = rejected(openai.BadRequestError, unknown)
    equal((error.code, error.param), ("previous_response_not_found", "previous_response_id"))


def kept():
    response = client.responses.create(model=model, input="kept: say hello")
    again = client.responses.retrieve(response.id)
    equal((again.id, again.output_text), (response.id, response.output_text))
    rejected(openai.BadRequestError, lambda: client.responses.cancel(response.id))
    client.responses.delete(response.id)
    rejected(openai.NotFoundError, lambda: client.responses.retrieve(response.id))


def compact():
    # The type of this answer has no place for a user's message, which the specification's own example holds; so here
    # the client takes what comes, as it does by default.
    compacted = OpenAI(max_retries=0).responses.compact(model=model, input=[user("compact: one")])
    equal(compacted.object, "response.compaction")
    equal([item.type for item in compacted.output], ["message", "compaction"])
    following = [*compacted.output, user("after: go on")]
    equal(client.responses.create(model=model, input=following).output_text, "I go on.")


def models():
    assert any(listed.id == model for listed in client.models.list())


def refusal():
    for streamed in [False, True]:
        ask = lambda: client.responses.create(model=model, input="refusal: say hello", stream=streamed)
        assert "too much" in rejected(openai.RateLimitError, ask).message


for case in [
    text,
    events,
    stream,
    tool,
    parallel_tools,
    structured,
    conversation,
    kept,
    compact,
    models,
    refusal,
]:
    case()
    print(case.__name__)
