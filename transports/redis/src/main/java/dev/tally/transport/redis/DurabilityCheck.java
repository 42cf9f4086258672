package dev.tally.transport.redis;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once whether the server keeps what it confirms, as far as it may be asked, and warns where it does not. Of a cluster
 * one node is asked.
 */
final class DurabilityCheck {

    private static final Logger LOG = LoggerFactory.getLogger(DurabilityCheck.class);

    private final AtomicBoolean done = new AtomicBoolean();

    void check(Session session) {
        if (!done.compareAndSet(false, true)) {
            return;
        }
        var first = session.commands().info("persistence").thenAccept(info -> {
            if ("0".equals(values(info).get("aof_enabled"))) {
                LOG.warn("Redis has appendonly=no: messages that are confirmed as sent are lost when it fails. Set "
                        + "'appendonly yes' and 'appendfsync always', or have replicas and tally.redis.min-replicas");
            } else {
                checkSync(session);
            }
        });
        var second = session.commands().info("memory").thenAccept(info -> {
            String policy = values(info).getOrDefault("maxmemory_policy", "noeviction");
            if (!policy.equals("noeviction") && !"0".equals(values(info).get("maxmemory"))) {
                LOG.warn(
                        "Redis has maxmemory-policy={}: it may throw away streams or leases when its memory is full. Set "
                                + "'maxmemory-policy noeviction'",
                        policy);
            }
        });
        first.exceptionally(DurabilityCheck::notAsked);
        second.exceptionally(DurabilityCheck::notAsked);
    }

    private static void checkSync(Session session) {
        session.commands()
                .configGet("appendfsync")
                .thenAccept(config -> {
                    String sync = config.getOrDefault("appendfsync", "always");
                    if (!sync.equals("always")) {
                        LOG.warn(
                                "Redis has appendfsync={}: what it has confirmed within the last second or more is lost when "
                                        + "its machine fails. Set 'appendfsync always', or have replicas and "
                                        + "tally.redis.min-replicas",
                                sync);
                    }
                })
                .exceptionally(DurabilityCheck::notAsked);
    }

    private static Void notAsked(Throwable thrown) {
        LOG.debug("Redis does not tell how it keeps data", thrown);
        return null;
    }

    private static Map<String, String> values(String info) {
        return info.lines()
                .filter(line -> line.indexOf(':') > 0)
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')),
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        (one, other) -> one,
                        HashMap::new));
    }
}
