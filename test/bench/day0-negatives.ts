import type { Negative } from "./day0-model.ts";

/** Asked as people ask, about what was never said; after the bar the words that stand nowhere. */
const ROWS = `why did we choose Kafka over RabbitMQ for the order events | kafka rabbitmq
what did we decide about GraphQL federation | graphql
which Terraform workspace holds staging | terraform
how did we fix the segfault in the WebAssembly decoder | segfault webassembly
where is the Kubernetes ingress configured | kubernetes ingress
what is the student discount | student
why do we use MobX in the console | mobx
which Jenkins job publishes the nightly image | jenkins
how long is the warranty stored for a scooter | warranty scooter
what did we say about Elixir for the chat service | elixir
why was the Salesforce sync turned off | salesforce
where are the Helm values for production | helm
what did we decide about tipping couriers in cash | tipping
how many loyalty points is an euro worth | loyalty
which Cloudflare zone serves the images | cloudflare
why did we reject Svelte for the checkout | svelte
what is the maximum weight of a pallet | pallet
who approves a new Snowflake warehouse | snowflake
how did we fix the cyclic dependency in Gradle composite builds of the watch app | cyclic composite
which voice does the phone menu use | voice
what did we decide about barcode scanners in May | barcode scanners
error: ENOSPC: no space left on device, write '/mnt/scratch/tmp-81' | enospc scratch
thread 'main' panicked at 'called Option::unwrap() on a None value', src/lexer.rs:210 | panicked lexer.rs
Segmentation fault (core dumped) ./simulator --grid 40 | simulator
ModuleNotFoundError: No module named 'pandas' | modulenotfounderror pandas
java.lang.OutOfMemoryError: Metaspace at ClassLoader.defineClass | outofmemoryerror metaspace
src/robots/gripper-calibration.ts | robots gripper
infra/pulumi/stack-eu.yaml | pulumi
where is the chessboard rendered | chessboard
which file computes the lunar calendar | lunar
why did we move the wiki to Confluence | wiki confluence
what temperature do the freezers report as an alarm | temperature freezers
how do drones get their landing slot | drones landing
what was the outcome about the podcast player last month | podcast
how often are elevator logs collected | elevator
why is bluetooth pairing limited to three headsets | bluetooth headsets
what did we decide about the vaccination reminder | vaccination
who maintains the Fortran solver | fortran solver
how many seats has a Figma licence of ours | figma seats
what is the timeout of the LDAP bind | ldap
which bucket holds the satellite tiles | satellite
why was the crossword feature cancelled | crossword
how did we migrate from Oracle to MariaDB | oracle mariadb
what did we agree on for the wedding template | wedding
which cipher suites are disabled on the VPN | cipher vpn
why do we polyfill IntersectionObserver in the kiosk | polyfill kiosk
how many gigabytes may a tenant's whiteboard hold | whiteboard
what colour has the emergency banner | emergency
when does the greenhouse irrigation start | greenhouse irrigation
how is the karaoke latency compensated | karaoke
what did the penetration testers find in the guestbook | penetration guestbook
which Ansible role installs the printers | ansible printers
why did we stop using Bazel | bazel
what is the fee for changing a flight seat | flight
where do we translate Icelandic weekday names | icelandic
how did we fix the flicker of the e-ink screens | e-ink
what were the arguments about monorepo against polyrepo | polyrepo
how is the bicycle rental deposit computed | bicycle rental
which regular expression checks licence plates | plates
why is the zoo map in another projection | zoo projection`;

/** Questions that must find nothing above the default threshold. */
export const NEGATIVES: readonly Negative[] = ROWS.split("\n").map((row) => {
  const [text = "", absent = ""] = row.split(" | ");
  return { text, absent: absent.split(" ") };
});
