import { expect, test } from "bun:test";
import { redact } from "../../core/kernel/redact.ts";

test.each([
  ["mysql -u root -p@ shop", "mysql"],
  ["mysql -uroot -p'@ two' shop", "mysql"],
  ['mysqldump --quick -p"@ two" shop > dump.sql', "mysql"],
  ["mariadb -p@", "mysql"],
  ["mysql -h db -u root \\\n  -p@ shop", "mysql"],
  ['["mysql", "-uroot", "-p@"]', "mysql"],
  ['{"command":"mysql -u root -p\\"@ two\\" shop"}', "mysql"],
  ["docker login -p @", "login"],
  ["docker login -u ada -p @ ghcr.io", "login"],
  ["docker login \\\n  -u ada \\\n  -p @", "login"],
  ["podman login --password=@ quay.io", "login"],
  ["helm registry login example.com -u ada -p '@ two'", "login"],
  ["redis-cli -h cache -a @ ping", "redis"],
  ["valkey-cli -a @", "redis"],
  ["mongosh -u ada -p @ --host db", "mongo"],
  ["ldapsearch -x -D cn=ada -w @ -b dc=example", "ldap"],
  ["curl -u ada:@ https://example.com", "curl-user"],
  ["curl -sSu ada:@ https://example.com", "curl-user"],
  [
    "curl -X POST \\\n  -H 'Accept: a; b' \\\n  --user 'ada:@ two' https://example.com",
    "curl-user",
  ],
  ["curl -u :@ https://example.com", "curl-user"],
  ["sshpass -p @ ssh ada@host", "sshpass"],
  ["sshpass -p'@ two' ssh ada@host", "sshpass"],
])("the password of a command goes, all of it: %s", (command, rule) => {
  const text = command.replace("@", "hunter2x");

  const { text: clean, counts } = redact(text);

  expect(clean).not.toMatch(/hunter|two/);
  expect(counts).toEqual({ [rule]: 1 });
  expect(clean.replace(/\[redacted:[\w-]+\]/, "@")).toBe(command.replace("@ two", "@"));
});

test.each(["PGPASSWORD=@ psql -h db", "PGPASSWORD='@ two' psql", "MYSQL_PWD=@ mysql shop"])(
  "the password before a command goes: %s",
  (command) => {
    expect(redact(command.replace("@", "hunter2x")).text).not.toMatch(/hunter|two/);
  },
);

test.each([
  "docker run -p 8080:80 nginx",
  "docker login && docker run -p 8080:80 nginx",
  "docker login ghcr.io; docker run -p 8080:80 nginx",
  "docker login ghcr.io | tee -p 8080:80",
  "docker login -u ada --password-stdin < token.txt",
  "use docker login -p and then push",
  "docker login",
  "mysql -p",
  "mysql -u root -p shop",
  "mysql -u root -p\nhunter2x",
  "mysql -P 3306 -h db",
  'mysql -p"$MYSQL_PWD" shop',
  "mysql -p<password> shop",
  "mkdir -p build/hunter2x",
  "redis-cli -p 6379 ping",
  "redis-cli -a $REDIS_AUTH",
  "mongosh -u ada -p --host db",
  "sshpass -e ssh ada@host",
  "sshpass -f pass.txt ssh ada@host",
  "curl -u $USER:$PASS https://example.com",
  "curl -u ada: https://example.com",
  "ldapsearch -W -x -b dc=example",
])("a command without a password stays: %j", (text) => {
  expect(redact(text)).toEqual({ text, counts: {} });
});
