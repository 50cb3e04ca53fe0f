"""The Model Context Protocol server, with the protocol's own client over standard input and output."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client

from generator.commands import mcp_server
from generator.commands.mcp_server import NAMES
from tests.support.commands import call

ROOT = Path(__file__).resolve().parents[2]
SERVER = (sys.executable, "-m", "generator", "mcp")
FLOW = """
from generator import Catch, Fail, Function, Queue, Task, Workflow, errors, states

print("a module may print")
work = Function("work", folder="functions/work")
queue = Queue("done-queue")
flow = Workflow(
    "flow",
    steps=[
        Task("Work", work.invoke(states.input), catch=Catch(errors.ALL, Fail("Failed", error="Failed", cause="The work failed."))),
        Task("Send", queue.send_message(states.input)),
    ],
)
"""
HANDLER = "def handler(event, context):\n    print('a handler may print')\n    return {'version': 1, **event}\n"
DEFINITION = json.dumps(
    {
        "StartAt": "Send",
        "States": {
            "Send": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/orders", "MessageBody.$": "$"},
                "End": True,
            }
        },
    }
)
WRONG = '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Next": "Done"}, "Dome": {"Type": "Succeed"}}}'


@pytest.fixture
def served(tmp_path: Path) -> Callable[[Callable[[Client], Awaitable[None]]], None]:
    """Serve a project with one workflow in a process of its own, and use it with a client."""
    for name, text in (("workflows/flow.py", FLOW), ("functions/work/handler.py", HANDLER), ("functions/__init__.py", "")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def use(work: Callable[[Client], Awaitable[None]]) -> None:
        async def session() -> None:
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            server = StdioServerParameters(command=SERVER[0], args=list(SERVER[1:]), env=environment, cwd=tmp_path)
            with anyio.fail_after(120):
                async with Client(stdio_client(server)) as client:
                    await work(client)

        anyio.run(session)

    return use


async def ask(client: Client, tool: str, **arguments: Any) -> Any:
    """Call a tool that must not refuse, and return its structured result."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


def test_the_tools(served) -> None:
    """Each tool says what it does, describes each argument, and has a schema of its result."""

    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == list(NAMES)
        for tool in tools:
            assert tool.description
            assert "Args:" not in tool.description
            assert tool.output_schema
            assert [name for name, schema in tool.input_schema.get("properties", {}).items() if not schema.get("description")] == []
        assert "workflows/" in (client.instructions or "")
        assert client.server_info is not None
        assert client.server_info.name == "sfn-generator"

    served(work)


def test_the_loop_of_an_author(served, tmp_path: Path) -> None:
    """Generate, run, view, edit, and again: each call sees the files as they are."""

    async def work(client: Client) -> None:
        made = await ask(client, "generate")
        assert (made["ok"], [(each["name"], each["states"]) for each in made["workflows"]]) == (True, [("flow", 3)])
        assert {"path": "build/flow/definition.asl.json", "change": "missing"} in made["changes"]
        assert (tmp_path / "build/flow/definition.asl.json").is_file()

        ran = await ask(client, "run", target="flow", input={"n": 1})
        assert (ran["ok"], ran["status"], ran["path"], ran["warnings"]) == (True, "SUCCEEDED", ["Work", "Send"], [])
        view = await client.call_tool("view", {})
        assert 'calls lambda:invoke of work with {"FunctionName":' in view.content[0].text
        assert '"MessageBody":{"version":1,"n":1}' in view.content[0].text

        failed = await ask(client, "run", target="flow", mocks={"Work": [{"throw": {"error": "Bad", "cause": "no"}}]})
        assert (failed["ok"], failed["error"], failed["path"]) == (False, "Failed", ["Work", "Failed"])
        again = await client.call_tool("view", {"execution": ran["execution"]})
        assert again.structured_content == view.structured_content

        (tmp_path / "functions/work/handler.py").write_text(HANDLER.replace("1", "2"))
        flow = tmp_path / "workflows/flow.py"
        flow.write_text(FLOW.replace("Send", "Tell"))
        checked = await ask(client, "generate", write=False)
        assert [found["code"] for found in checked["diagnostics"]] == ["SFN808"] * len(checked["changes"])
        edited = await ask(client, "run", target="flow")
        assert edited["path"] == ["Work", "Tell"]
        assert '{"version":2}' in (await client.call_tool("view", {})).content[0].text

        flow.write_text(FLOW.replace("queue.send_message(", "queue.send_massage("))
        wrong = await ask(client, "generate")
        (found,) = wrong["diagnostics"]
        assert (wrong["ok"], found["file"], found["line"]) == (False, "workflows/flow.py", 11)
        assert "send_message" in found["hint"]
        stopped = await ask(client, "run", target="flow")
        assert (stopped["ok"], stopped["status"], len(stopped["diagnostics"])) == (False, "", 1)

    served(work)


def test_definitions(served, tmp_path: Path) -> None:
    """Definitions are given as text or as files, in JSON or YAML."""
    (tmp_path / "flow.asl.yaml").write_text("StartAt: P\nStates:\n  P: {Type: Pass, End: true}\n")

    async def work(client: Client) -> None:
        assert await ask(client, "validate", definition=DEFINITION) == {"ok": True, "summary": "All checks passed.", "diagnostics": []}
        assert (await ask(client, "validate", definition="flow.asl.yaml"))["ok"]
        assert (await ask(client, "validate", definition=(tmp_path / "flow.asl.yaml").read_text()))["ok"]
        wrong = await ask(client, "validate", definition=WRONG)
        found = {each["code"]: each for each in wrong["diagnostics"]}
        assert (wrong["ok"], found["SFN101"]["line"], found["SFN101"]["hint"]) == (False, 2, "did you mean 'Dome'?")
        assert (await ask(client, "validate", definition="none.json"))["diagnostics"][0]["code"] == "SFN004"

        assert "# " in (await ask(client, "explain", code="sfn101"))["page"]
        role = await ask(client, "iam", definition=DEFINITION, region="us-east-1", account="123456789012")
        (policy,) = role["policies"]
        assert policy["Statement"][0]["Action"] == ["sqs:SendMessage"] or policy["Statement"][0]["Action"] == "sqs:SendMessage"
        assert "for Send" in role["reasons"]
        assert (await ask(client, "iam", definition="{"))["policies"] == []

        ran = await ask(client, "run", target=DEFINITION, input=[1], mocks={"sqs:sendMessage": {"return": {"MessageId": "m"}}})
        assert (ran["status"], ran["output"]) == ("SUCCEEDED", {"MessageId": "m"})
        misspelt = await ask(client, "run", target=DEFINITION, mocks={"Sent": {"return": 1}})
        assert (misspelt["ok"], misspelt["diagnostics"][0]["code"]) == (False, "SFN012")
        assert "did you mean 'Send'" in misspelt["diagnostics"][0]["message"]

    served(work)


BAD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("explain", {"code": "SFN" + "999"}, "999"),
    ("explain", {}, "code"),
    ("validate", {"definition": 3}, "definition"),
    ("validate", {"definition": "-"}, "the path of a file, or the definition itself"),
    ("validate", {"definition": "{}", "type": "FAST"}, "STANDARD"),
    ("run", {"target": "flaw"}, "did you mean 'flow'"),
    ("view", {}, "call run first"),
    ("nothing", {}, "nothing"),
)


def test_bad_requests(served) -> None:
    """A request that cannot be served has an error result, and the server serves the next one."""

    async def work(client: Client) -> None:
        for tool, arguments, message in BAD:
            try:
                result = await client.call_tool(tool, arguments)
            except MCPError as error:  # an unknown tool is an error of the protocol
                shown = str(error)
            else:
                assert result.is_error
                shown = result.content[0].text
            assert message in shown
            assert (await ask(client, "validate", definition=DEFINITION))["ok"]

    served(work)


def test_it_ends_with_its_input(tmp_path: Path) -> None:
    """The process ends by itself when standard input is closed, and writes nothing but the protocol."""
    done = subprocess.run(SERVER, input=b"not the protocol\n", capture_output=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 0
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in done.stdout.splitlines())


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says how to install what it needs."""
    monkeypatch.setattr(mcp_server, "find_spec", lambda name: None)
    result = call("mcp")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pip install 'sfn-generator[mcp]'" in result.stderr


GUIDE = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")


def test_the_guide_names_the_tools_and_their_results() -> None:
    """Each tool has a row, in the order of the server, and each member of a result is one of its results."""
    assert re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE) == list(NAMES)
    results = (mcp_server.Checked, mcp_server.Explained, mcp_server.Generated, mcp_server.Ran, mcp_server.Role)
    members = {each.name for result in results for each in fields(result)}
    rows = [row.split("|")[3] for row in GUIDE.splitlines() if re.match(r"\| `\w+` \|", row)]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {*NAMES}
    assert named == members


def test_the_configurations_start_the_command() -> None:
    """The JSON and the TOML in the guide parse, and their arguments are those of the command."""
    found = [next(iter(next(iter(json.loads(text).values())).values())) for text in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)]
    (codex,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    found.append(tomllib.loads(codex)["mcp_servers"]["sfn-generator"])
    assert len(found) == 3
    for each in found:
        command, *options = each["args"]
        assert each["command"].endswith("/sfn-generator")
        assert (command, options[0]) == ("mcp", "--root")


def test_the_skill_runs() -> None:
    """The code of the skill compiles, and its test passes."""
    (skill,) = re.findall(r"````markdown\n(.*?)````", GUIDE, re.DOTALL)
    assert re.match(r"---\nname: [a-z-]+\ndescription: .+\n---\n", skill)
    space: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", skill, re.DOTALL):
        exec(compile(block, "SKILL.md", "exec"), space)  # noqa: S102  our own guide
    space["test_an_order_that_cannot_be_sent"]()
