from generator import Fail, Pass, Task, Workflow, fn, integration, jsonata, states

store = Workflow(
    "store",
    steps=[
        Task("Store", integration("dynamodb:getItem", {"TableName": "${my_table}", "Key": {"id": {"S": "1"}}})),
        Pass("Shell", output={"command": "cd ${HOME} && ls", "${key}": fn.format("${env}-{}", states.input.id)}),
        Pass("Region", output=jsonata("$states.input & '${AWS::Region}'")),
        Pass("Named ${x}"),
        Fail("Failed", cause="No ${thing}."),
    ],
)
