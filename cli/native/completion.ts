import type { Invocation } from "../command.ts";
import { type Command, choicesOf, flagOf, kindOf, type Property } from "../command.ts";
import { allCommands } from "../tree.ts";

/** One option as a shell offers it. */
interface Option {
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

const COMMON: readonly Option[] = [
  { flag: "--json", description: "Print JSON", takesValue: false, choices: [] },
  { flag: "--help", description: "Show help", takesValue: false, choices: [] },
];

/** `sb completion SHELL`: a script that completes commands, options and their values. */
export async function printCompletion({ input, host }: Invocation): Promise<undefined> {
  const commands = allCommands();
  const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
    bash: bashScript,
    zsh: zshScript,
    fish: fishScript,
  };
  host.io.out(scripts[String(input["shell"])]?.(commands) ?? "");
  return undefined;
}

function bashScript(commands: readonly Command[]): string {
  return `# bash completion for sb
_sb() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local place= word before= offers=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $before$word in -C*) ;; -*) ;; *) place="$place $word" ;; esac
    case $word in -C) before=-C ;; *) before= ;; esac
  done
${cases(commands)}
  COMPREPLY=($(compgen -W "$offers" -- "$cur"))
}
complete -o default -F _sb sb
`;
}

function zshScript(commands: readonly Command[]): string {
  return `#compdef sb
compdef _sb sb
_sb() {
  local prev=\${words[CURRENT-1]} place= word before= offers=
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $before$word in -C*) ;; -*) ;; *) place="$place $word" ;; esac
    case $word in -C) before=-C ;; *) before= ;; esac
  done
${cases(commands)}
  compadd -- \${=offers} || _files
}
if [ "$funcstack[1]" = "_sb" ]; then _sb; fi
`;
}

/** What is offered at each place, in the words that bash and zsh share. */
function cases(commands: readonly Command[]): string {
  const lines = places(commands).map(
    ({ place, verbs }) => `    '${place}') offers='${verbs.join(" ")}' ;;`,
  );
  const leaves = commands.map((command) => {
    const place = ` ${command.words.join(" ")}`;
    const options = optionsOf(command);
    const values = options
      .filter(({ takesValue }) => takesValue)
      .map(({ flag, choices }) => `${flag}) offers='${choices.join(" ")}' ;;`);
    const all = [...options.map(({ flag }) => flag), ...firstChoices(command)].join(" ");
    return `    '${place}'|'${place} '*) case $prev in ${[...values, `*) offers='${all}' ;;`].join(" ")} esac ;;`;
  });
  return ["  case $place in", ...lines, ...leaves, "  esac"].join("\n");
}

/** The root, then each group, with the words that may come next. */
function places(commands: readonly Command[]): { place: string; verbs: string[] }[] {
  const firsts = [...new Set(commands.map(({ words }) => words[0]))];
  const groups = firsts
    .map((group) => ({ group, verbs: verbsOf(group, commands) }))
    .filter(({ verbs }) => verbs.length > 0);
  return [
    { place: "", verbs: firsts },
    ...groups.map(({ group, verbs }) => ({ place: ` ${group}`, verbs })),
  ];
}

function verbsOf(group: string, commands: readonly Command[]): string[] {
  return commands.flatMap(({ words }) => (words[0] === group && words[1] ? [words[1]] : []));
}

function optionsOf(command: Command): readonly Option[] {
  const properties = Object.entries(command.input.properties ?? {});
  const own = properties
    .filter(([key]) => !command.positional.includes(key))
    .map(([key, property]) => optionOf(key, property));
  return [...own, ...COMMON];
}

function optionOf(key: string, property: Property): Option {
  const isFlag = kindOf(property) === "flag";
  const flag = flagOf(key);
  return {
    flag: isFlag && property.default === true ? `--no-${flag.slice(2)}` : flag,
    description: property.description ?? "",
    takesValue: !isFlag,
    choices: choicesOf(property) ?? [],
  };
}

/** The words that a first argument is chosen from. */
function firstChoices(command: Command): readonly string[] {
  const first = command.input.properties?.[command.positional[0] ?? ""];
  return (first && choicesOf(first)) ?? [];
}

function fishScript(commands: readonly Command[]): string {
  const singles = commands.filter(({ words }) => words.length === 1);
  const groups = places(commands).slice(1);
  return [
    "# fish completion for sb",
    "function __sb_words",
    "    string join ' ' -- (commandline -opc)[2..] | string replace -ra -- '(^| )-C[ =]?\\S+' '' | string replace -ra -- '(^| )-\\S+' '' | string trim",
    "end",
    `function __sb_at; set -l at (__sb_words); test "$at" = "$argv"; end`,
    `function __sb_in; string match -q -r -- "^$argv( |\\$)" (__sb_words); end`,
    "complete -c sb -f",
    ...singles.map((command) => fishWord("", command.words[0], command.summary)),
    ...groups.map(({ place, verbs }) => fishWord("", place.trim(), verbs.join(", "))),
    ...commands.map(({ words, summary }) =>
      words[1] ? fishWord(words[0], words[1], summary) : "",
    ),
    ...commands.flatMap(fishOptions),
    "",
  ]
    .filter((line, index, lines) => line !== "" || index === lines.length - 1)
    .join("\n");
}

function fishWord(place: string, word: string, description: string): string {
  return `complete -c sb -n '__sb_at ${place}' -a ${word} -d ${quoted(description)}`;
}

function fishOptions(command: Command): string[] {
  const at = `complete -c sb -n '__sb_in ${command.words.join(" ")}'`;
  const first = firstChoices(command);
  const words = first.length > 0 ? [`${at} -a '${first.join(" ")}'`] : [];
  const options = optionsOf(command).map(({ flag, description, takesValue, choices }) => {
    const value = takesValue ? ` -x${choices.length > 0 ? ` -a '${choices.join(" ")}'` : ""}` : "";
    return `${at} -l ${flag.slice(2)}${value} -d ${quoted(description)}`;
  });
  return [...words, ...options];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
