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
  ["smbclient //host/share -U ada%@ -c ls", "smb"],
  ["smbclient //host/share -U 'ada%@ two'", "smb"],
  ["gh secret set DEPLOY --body @", "gh-secret"],
  ["gh secret set DEPLOY -b '@ two' --repo ada/shop", "gh-secret"],
  ["openssl enc -aes-256-cbc -k @ -in notes.txt", "openssl"],
  ["openssl aes-256-cbc -d -k '@ two' -in notes.enc", "openssl"],
  ["htpasswd -b .htpasswd ada @", "htpasswd"],
  ["htpasswd -cbB -C 10 .htpasswd ada @", "htpasswd"],
  ["htpasswd -nbB ada @", "htpasswd"],
  ["mc alias set store https://s3.example.com ADAKEY @", "minio"],
  ["rabbitmqctl add_user ada @", "rabbitmq"],
  ["sudo rabbitmqctl -n rabbit change_password ada '@ two'", "rabbitmq"],
  ["echo '@' | sudo -S apt update", "sudo"],
  ["echo @ | sudo -u root -S ls", "sudo"],
  ["sudo -S apt update <<< '@ two'", "sudo"],
  ["sqlplus ada/@@host:1521/shop", "oracle"],
  ["jdbc:oracle:thin:ada/@@host:1521/shop", "oracle"],
  ['sql.Open("mysql", "ada:@@tcp(127.0.0.1:3306)/shop")', "go-dsn"],
  ["CREATE USER ada IDENTIFIED BY '@';", "sql-user"],
  ["create user if not exists ada\n  identified with caching_sha2_password by '@'", "sql-user"],
  ["ALTER USER ada IDENTIFIED BY @;", "sql-user"],
  ['send "@\\r"', "expect"],
  ['{"content":"send -- \\"@\\\\r\\""}', "expect"],
  ["::add-mask::@", "actions-mask"],
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
  "smbclient //host/share -U ada -c 'put 100%.txt'",
  "smbclient //host/share -U ada%$SMB_PASS",
  "gh secret set DEPLOY < token.txt",
  "gh issue create --body hunter2x",
  "curl -k https://example.com && openssl s_client -connect example.com:443",
  "tar -k -xf hunter2x.tar; openssl x509 -in hunter2x.pem",
  "openssl enc -aes-256-cbc -kfile hunter2x.key",
  "make -k hunter2x",
  "htpasswd .htpasswd ada",
  "htpasswd -B .htpasswd hunter2x",
  "mc alias list; alias set one two three four",
  "rabbitmqctl add_vhost hunter2x",
  "rabbitmqctl add_user ada $RABBIT_PASS",
  "echo 'hunter2x' | sudo tee /etc/motd",
  'echo "$PASS" | sudo -S apt update',
  "echo done; ls | sudo -S cat",
  "sqlplus / as sysdba",
  "sqlplus ada@host",
  "jdbc:oracle:thin:@host:1521/shop",
  "user:password@tcp(localhost:3306)/shop",
  "CREATE USER ada IDENTIFIED BY '$PASS'",
  "the directory identified by `path2/file`, as ERR_CODE_2 identified by 'ERR_CODE_2'",
  "a user is identified by id_2 alone",
  'send "exit\\r"',
  'send "cd /tmp/hunter2x\\r"',
  'socket.send("hunter2x\\r\\n")',
  "::add-mask::$TOKEN",
])("a command without a password stays: %j", (text) => {
  expect(redact(text)).toEqual({ text, counts: {} });
});
