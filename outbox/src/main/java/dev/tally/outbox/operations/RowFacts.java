package dev.tally.outbox.operations;

import dev.tally.message.Message;
import dev.tally.outbox.ParkedEntry;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** What the audit log says about a row. Never its payload or the values of its headers: the log goes to log files, too. */
final class RowFacts {

    private static final int DIGEST_BYTES = 8;

    private RowFacts() {}

    static String subject(long id) {
        return "outbox-row-" + id;
    }

    static String of(ParkedEntry entry) {
        Message message = entry.message();
        return "messageId=" + message.id() + " topic=" + message.destination().topic() + " key=" + message.key()
                + " type=" + message.type();
    }

    static String change(Message before, Message after) {
        Set<String> changed = new TreeSet<>();
        Map<String, String> old = before.headers().asMap();
        Map<String, String> now = after.headers().asMap();
        now.forEach((name, value) -> {
            if (!Objects.equals(old.get(name), value)) {
                changed.add((old.containsKey(name) ? "~" : "+") + name);
            }
        });
        old.keySet().stream().filter(name -> !now.containsKey(name)).forEach(name -> changed.add("-" + name));
        return " payload=" + digest(before.payload()) + "->" + digest(after.payload()) + " headers=" + changed;
    }

    private static String digest(byte[] payload) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(payload);
            return payload.length + "B/sha256:" + HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
