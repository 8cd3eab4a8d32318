//! Every form in which calls leak, as a model writes two calls of `exec_command`.

/// A form: the grammar's name, what stands before, between and after calls, and the first and the second call.
pub struct Form {
    pub name: &'static str,
    pub grammar: &'static str,
    pub open: &'static str,
    pub calls: [&'static str; 2],
    pub close: &'static str,
    /// Whether calls count only where nothing was said before.
    pub is_first: bool,
}

impl Form {
    /// One call.
    pub fn one(&self) -> String {
        format!("{}{}{}", self.open, self.calls[0], self.close)
    }

    /// Two calls.
    pub fn two(&self) -> String {
        format!("{}{}{}{}", self.open, self.calls[0], self.calls[1], self.close)
    }
}

/// The arguments of the two calls.
pub const ARGUMENTS: [&str; 2] = [r#"{"cmd":"ls -la","limit":10}"#, r#"{"cmd":"echo \"a\" > b && cat b"}"#];

const fn anywhere(name: &'static str, grammar: &'static str, [open, one, two, close]: [&'static str; 4]) -> Form {
    Form {
        name,
        grammar,
        open,
        calls: [one, two],
        close,
        is_first: false,
    }
}

const fn first(name: &'static str, grammar: &'static str, parts: [&'static str; 4]) -> Form {
    Form {
        is_first: true,
        ..anywhere(name, grammar, parts)
    }
}

pub const FORMS: &[Form] = &[
    anywhere(
        "dsml of V3.2",
        "dsml",
        [
            "<｜DSML｜function_calls>\n",
            "<｜DSML｜invoke name=\"exec_command\">\n<｜DSML｜parameter name=\"cmd\" string=\"true\">ls -la</｜DSML｜parameter>\n<｜DSML｜parameter name=\"limit\" string=\"false\">10</｜DSML｜parameter>\n</｜DSML｜invoke>\n",
            "<｜DSML｜invoke name=\"exec_command\">\n<｜DSML｜parameter name=\"cmd\" string=\"true\">echo \"a\" > b && cat b</｜DSML｜parameter>\n</｜DSML｜invoke>\n",
            "</｜DSML｜function_calls>",
        ],
    ),
    anywhere(
        "dsml of V4, and a body that is an object",
        "dsml",
        [
            "<｜DSML｜tool_calls>\n",
            "<｜DSML｜invoke name=\"exec_command\">\n{\"cmd\": \"ls -la\", \"limit\": 10}\n</｜DSML｜invoke>\n",
            "<｜DSML｜invoke name=\"exec_command\">\n<｜DSML｜parameter name=\"cmd\" string=\"true\">echo \"a\" > b && cat b</｜DSML｜parameter>\n</｜DSML｜invoke>\n",
            "</｜DSML｜tool_calls>",
        ],
    ),
    anywhere(
        "dsml of V4.1",
        "dsml",
        [
            "<｜DSML｜ calls>",
            "<｜DSML｜ invoke name=\"exec_command\"><｜DSML｜ parameter name=\"cmd\" string=\"true\">ls -la</｜DSML｜ parameter><｜DSML｜ parameter name=\"limit\" string=\"false\">10</｜DSML｜ parameter></｜DSML｜ invoke>",
            "<｜DSML｜ invoke name=\"exec_command\"><｜DSML｜ parameter name=\"cmd\" string=\"true\">echo \"a\" > b && cat b</｜DSML｜ parameter></｜DSML｜ invoke>",
            "</｜DSML｜ calls>",
        ],
    ),
    anywhere(
        "dsml with two bars",
        "dsml",
        [
            "<｜｜DSML｜｜tool_calls>",
            "<｜｜DSML｜｜invoke name=\"exec_command\"><｜｜DSML｜｜invoke name=\"cmd\" string=\"ls -la\" /><｜｜DSML｜｜invoke name=\"limit\" string=\"10\" /></｜｜DSML｜｜invoke>",
            "<｜｜DSML｜｜invoke name=\"exec_command\"><｜｜DSML｜｜parameter name=\"cmd\" string=\"true\">echo \"a\" > b && cat b</｜｜DSML｜｜parameter></｜｜DSML｜｜invoke>",
            "</｜｜DSML｜｜tool_calls>",
        ],
    ),
    anywhere(
        "dsml with ASCII bars and nothing around",
        "dsml",
        [
            "",
            "<|DSML|invoke name=\"exec_command\">\n<|DSML|parameter name=\"cmd\" string=\"true\">ls -la</|DSML|parameter>\n<|DSML|parameter name=\"limit\" string=\"false\">10</|DSML|parameter>\n</|DSML|invoke>\n",
            "<|DSML|invoke name=\"exec_command\">\n<|DSML|parameter name=\"cmd\" string=\"true\">echo \"a\" > b && cat b</|DSML|parameter>\n</|DSML|invoke>\n",
            "",
        ],
    ),
    anywhere(
        "dsml with parallel lines",
        "dsml",
        [
            "<‖DSML‖tool_calls>\n",
            "<‖DSML‖invoke name=\"exec_command\">\n<‖DSML‖parameter name=\"cmd\" string=\"true\">ls -la</‖DSML‖parameter>\n<‖DSML‖parameter name=\"limit\">10</‖DSML‖parameter>\n</‖DSML‖invoke>\n",
            "<‖DSML‖invoke name=\"exec_command\">\n<‖DSML‖parameter name=\"cmd\">echo \"a\" > b && cat b</‖DSML‖parameter>\n</‖DSML‖invoke>\n",
            "</‖DSML‖tool_calls>",
        ],
    ),
    anywhere(
        "tokens of V3",
        "deepseek-tokens",
        [
            "<｜tool▁calls▁begin｜>",
            "<｜tool▁call▁begin｜>function<｜tool▁sep｜>exec_command\n```json\n{\"cmd\":\"ls -la\",\"limit\":10}\n```<｜tool▁call▁end｜>\n",
            "<｜tool▁call▁begin｜>function<｜tool▁sep｜>exec_command\n```json\n{\"cmd\":\"echo \\\"a\\\" > b && cat b\"}\n```<｜tool▁call▁end｜>",
            "<｜tool▁calls▁end｜>",
        ],
    ),
    anywhere(
        "tokens of V3.1",
        "deepseek-tokens",
        [
            "<｜tool▁calls▁begin｜>",
            "<｜tool▁call▁begin｜>exec_command<｜tool▁sep｜>{\"cmd\":\"ls -la\",\"limit\":10}<｜tool▁call▁end｜>",
            "<｜tool▁call▁begin｜>exec_command<｜tool▁sep｜>{\"cmd\":\"echo \\\"a\\\" > b && cat b\"}<｜tool▁call▁end｜>",
            "<｜tool▁calls▁end｜>",
        ],
    ),
    anywhere(
        "K2",
        "kimi-k2",
        [
            "<|tool_calls_section_begin|>",
            "<|tool_call_begin|>functions.exec_command:0<|tool_call_argument_begin|>{\"cmd\":\"ls -la\",\"limit\":10}<|tool_call_end|>",
            "<|tool_call_begin|>functions.exec_command:1<|tool_call_argument_begin|>{\"cmd\":\"echo \\\"a\\\" > b && cat b\"}<|tool_call_end|>",
            "<|tool_calls_section_end|>",
        ],
    ),
    anywhere(
        "K3",
        "kimi-k3",
        [
            "<|open|>tools<|sep|>",
            "<|open|>call tool=\"exec_command\" index=\"1\"<|sep|><|open|>argument key=\"cmd\" type=\"string\"<|sep|>ls -la<|close|>argument<|sep|><|open|>argument key=\"limit\" type=\"number\"<|sep|>10<|close|>argument<|sep|><|close|>call<|sep|>",
            "<|open|>call tool=\"exec_command\" index=\"2\"<|sep|><|open|>argument key=\"cmd\" type=\"string\"<|sep|>echo \"a\" > b && cat b<|close|>argument<|sep|><|close|>call<|sep|>",
            "<|close|>tools<|sep|>",
        ],
    ),
    anywhere(
        "GLM in lines",
        "glm",
        [
            "",
            "<tool_call>exec_command\n<arg_key>cmd</arg_key>\n<arg_value>ls -la</arg_value>\n<arg_key>limit</arg_key>\n<arg_value>10</arg_value>\n</tool_call>\n",
            "<tool_call>exec_command\\n<arg_key>cmd</arg_key>\\n<arg_value>echo \"a\" > b && cat b</arg_value>\\n</tool_call>",
            "",
        ],
    ),
    anywhere(
        "GLM in one line",
        "glm",
        [
            "",
            "<tool_call>exec_command<arg_key>cmd</arg_key><arg_value>ls -la</arg_value><arg_key>limit</arg_key><arg_value>10</arg_value></tool_call>",
            "<tool_call>exec_command<arg_key>cmd</arg_key><arg_value>echo \"a\" > b && cat b</arg_value></tool_call>",
            "",
        ],
    ),
    anywhere(
        "Hunyuan",
        "hunyuan",
        [
            "<tool_calls>",
            "<tool_call>exec_command<tool_sep><arg_key>cmd</arg_key><arg_value>ls -la</arg_value><arg_key>limit</arg_key><arg_value>10</arg_value></tool_call>\n",
            "<tool_call>exec_command<tool_sep>\n<arg_key>cmd</arg_key>\n<arg_value>echo \"a\" > b && cat b</arg_value>\n</tool_call>\n",
            "</tool_calls>",
        ],
    ),
    anywhere(
        "Hunyuan with a suffix",
        "hunyuan",
        [
            "<tool_calls:opensource>",
            "<tool_call:opensource>exec_command<tool_sep:opensource><arg_key:opensource>cmd</arg_key:opensource><arg_value:opensource>ls -la</arg_value:opensource><arg_key:opensource>limit</arg_key:opensource><arg_value:opensource>10</arg_value:opensource></tool_call:opensource>",
            "<tool_call:opensource>exec_command<tool_sep:opensource><arg_key:opensource>cmd</arg_key:opensource><arg_value:opensource>echo \"a\" > b && cat b</arg_value:opensource></tool_call:opensource>",
            "</tool_calls:opensource>",
        ],
    ),
    anywhere(
        "Qwen3-Coder",
        "qwen3-coder",
        [
            "",
            "<tool_call>\n<function=exec_command>\n<parameter=cmd>\nls -la\n</parameter>\n<parameter=limit>\n10\n</parameter>\n</function>\n</tool_call>\n",
            "<tool_call>\n<function=exec_command>\n<parameter=cmd>\necho \"a\" > b && cat b\n</parameter>\n</function>\n</tool_call>",
            "",
        ],
    ),
    anywhere(
        "Qwen3-Coder with half of its tags",
        "qwen3-coder",
        [
            "",
            "<function=exec_command>\n<parameter=cmd>\nls -la\n<parameter=limit>\n10\n</function>\n",
            "<function=exec_command>\n<parameter=cmd>\necho \"a\" > b && cat b\n</function>",
            "\n</tool_call>",
        ],
    ),
    anywhere(
        "Seed",
        "qwen3-coder",
        [
            "",
            "<seed:tool_call>\n<function=exec_command>\n<parameter=cmd>ls -la</parameter>\n<parameter=limit>10</parameter>\n</function>\n</seed:tool_call>\n",
            "<seed:tool_call>\n<function=exec_command>\n<parameter=cmd>echo \"a\" > b && cat b</parameter>\n</function>\n</seed:tool_call>",
            "",
        ],
    ),
    anywhere(
        "elements",
        "qwen-element",
        [
            "<tool_calls>",
            "<exec_command cmd=\"ls -la\" limit=\"10\"/>",
            "<exec_command cmd=\"echo &quot;a&quot; &gt; b &amp;&amp; cat b\"/>",
            "</tool_calls>",
        ],
    ),
    anywhere(
        "Hermes",
        "hermes",
        [
            "",
            "<tool_call>\n{\"name\": \"exec_command\", \"arguments\": {\"cmd\": \"ls -la\", \"limit\": 10}}\n</tool_call>\n",
            "<tool_call>\n{\"name\": \"exec_command\", \"arguments\": \"{\\\"cmd\\\": \\\"echo \\\\\\\"a\\\\\\\" > b && cat b\\\"}\"}\n</tool_call>",
            "",
        ],
    ),
    anywhere(
        "M2",
        "minimax-m2",
        [
            "<minimax:tool_call>\n",
            "<invoke name=\"exec_command\">\n<parameter name=\"cmd\">ls -la</parameter>\n<parameter name=\"limit\">10</parameter>\n</invoke>\n",
            "<invoke name=\"exec_command\">\n<parameter name=\"cmd\">echo \"a\" > b && cat b</parameter>\n</invoke>\n",
            "</minimax:tool_call>",
        ],
    ),
    anywhere(
        "M3",
        "minimax-m3",
        [
            "]<]minimax[>[<tool_call>",
            "]<]minimax[>[<invoke name=\"exec_command\">]<]minimax[>[<cmd>ls -la]<]minimax[>[</cmd>]<]minimax[>[<limit>10]<]minimax[>[</limit>]<]minimax[>[</invoke>",
            "]<]minimax[>[<invoke name=\"exec_command\">]<]minimax[>[ <cmd>echo \"a\" > b && cat b]<]minimax[>[</cmd>]<]minimax[>[</invoke>",
            "]<]minimax[>[</tool_call>",
        ],
    ),
    anywhere(
        "Mistral with names",
        "mistral",
        [
            "",
            "[TOOL_CALLS]exec_command[ARGS]{\"cmd\":\"ls -la\",\"limit\":10}",
            "[TOOL_CALLS]exec_command{\"cmd\":\"echo \\\"a\\\" > b && cat b\"}",
            "",
        ],
    ),
    first(
        "Llama with its token",
        "llama",
        [
            "<|python_tag|>",
            "{\"name\": \"exec_command\", \"parameters\": {\"cmd\": \"ls -la\", \"limit\": 10}}",
            "; {\"name\": \"exec_command\", \"parameters\": {\"cmd\": \"echo \\\"a\\\" > b && cat b\"}}",
            "",
        ],
    ),
    anywhere(
        "gpt-oss",
        "harmony",
        [
            "",
            "<|channel|>commentary to=functions.exec_command <|constrain|>json<|message|>{\"cmd\":\"ls -la\",\"limit\":10}<|call|>",
            "<|start|>assistant to=functions.exec_command<|channel|>commentary json<|message|>{\"cmd\":\"echo \\\"a\\\" > b && cat b\"}<|call|>",
            "",
        ],
    ),
    anywhere(
        "Step",
        "step",
        [
            "<｜tool_calls_begin｜>\n",
            "<｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name=\"exec_command\">\n<steptml:parameter name=\"cmd\">ls -la</steptml:parameter>\n<steptml:parameter name=\"limit\">10</steptml:parameter>\n</steptml:invoke><｜tool_call_end｜>\n",
            "<｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name=\"exec_command\">\n<steptml:parameter name=\"cmd\">echo \"a\" > b && cat b</steptml:parameter>\n</steptml:invoke><｜tool_call_end｜>\n",
            "<｜tool_calls_end｜>",
        ],
    ),
    anywhere(
        "Gemma",
        "gemma",
        [
            "",
            "<|tool_call>call:exec_command{cmd:<|\"|>ls -la<|\"|>,limit:10}<tool_call|>",
            "<|tool_call>call:exec_command{cmd:<|\"|>echo \"a\" > b && cat b<|\"|>}<tool_call|>",
            "",
        ],
    ),
    anywhere(
        "Muse",
        "muse",
        [
            "<atem:function_calls>\n",
            "<atem:invoke name=\"exec_command\">\n<atem:parameter name=\"cmd\">ls -la</atem:parameter>\n<atem:parameter name=\"limit\">10</atem:parameter>\n</atem:invoke>\n",
            "<atem:invoke name=\"exec_command\">\n<atem:parameter name=\"cmd\">echo \"a\" > b && cat b</atem:parameter>\n</atem:invoke>\n",
            "</atem:function_calls>",
        ],
    ),
];
