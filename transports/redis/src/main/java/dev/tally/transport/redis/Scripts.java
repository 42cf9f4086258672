package dev.tally.transport.redis;

import io.lettuce.core.ScriptOutputType;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What has to be one step at the server. Each uses keys of one partition, or of one topic and group, only; commands are
 * those of Redis 6.2. A lease's value is its token: the member, a colon and a number that grows with each time that the
 * member takes it, so that a read that was delayed on its way is refused when it arrives at last.
 */
final class Scripts {

    /** Keys: the lease. Arguments: the member, the new token, the lease's time in milliseconds. */
    private static final String TAKE_LEASE = """
            local has = redis.call('GET', KEYS[1])
            if has and string.match(has, '^(.*):%d+$') ~= ARGV[1] then return 0 end
            redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            return 1
            """;

    /** Keys: the lease. Arguments: the token, the lease's time in milliseconds. */
    private static final String RENEW_LEASE = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
            """;

    /**
     * Keys: the stream, the lease. Arguments: the token, the group, the consumer; by turns an entry's id and how often it
     * counts as delivered.
     */
    private static final String RELEASE_LEASE = """
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
            for i = 4, #ARGV, 2 do
              redis.pcall('XCLAIM', KEYS[1], ARGV[2], ARGV[3], 0, ARGV[i], 'RETRYCOUNT', ARGV[i + 1], 'JUSTID')
            end
            return redis.call('DEL', KEYS[2])
            """;

    /**
     * Keys: the stream, the lease. Arguments: the token, the group, the consumer, how many entries at most. Where there is
     * nothing new, the last id that the group has read is answered.
     */
    private static final String READ_NEW = """
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0} end
            local read = redis.pcall('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[4], 'STREAMS', KEYS[1], '>')
            if read then
              if read.err then return read end
              return {1, read[1][2]}
            end
            for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
              local name, last
              for i = 1, #group, 2 do
                if group[i] == 'name' then name = group[i + 1] end
                if group[i] == 'last-delivered-id' then last = group[i + 1] end
              end
              if name == ARGV[2] then return {1, {}, last} end
            end
            return {1, {}}
            """;

    /**
     * Keys: the stream, the lease. Arguments: the token, the group, the consumer, from which id, how many entries at most.
     * What was removed from the stream before it was acknowledged is answered without fields, and forgotten.
     */
    private static final String TAKE_PENDING = """
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0} end
            local pending = redis.pcall('XPENDING', KEYS[1], ARGV[2], ARGV[4], '+', ARGV[5])
            if pending.err then return pending end
            local taken = {}
            for i, each in ipairs(pending) do
              local claimed = redis.call('XCLAIM', KEYS[1], ARGV[2], ARGV[3], 0, each[1])
              if claimed[1] then
                taken[i] = {each[1], claimed[1][2], each[4] + 1}
              else
                redis.call('XACK', KEYS[1], ARGV[2], each[1])
                taken[i] = {each[1]}
              end
            end
            return {1, taken}
            """;

    /** Keys: the members. Arguments: this member, how long it counts as one in milliseconds. */
    private static final String GREET = """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now))
            redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), ARGV[1])
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            return redis.call('ZRANGE', KEYS[1], 0, -1)
            """;

    /**
     * Keys: the stream. Arguments: how long entries are kept in milliseconds, 1 to keep those that no group wants. Answers
     * how many were removed, and a group that has not acknowledged what is older, if there is one.
     */
    private static final String TRIM = """
            local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
            if groups.err or (#groups == 0 and ARGV[2] == '1') then return {0} end
            local time = redis.call('TIME')
            local millis, number, holding = time[1] * 1000 - ARGV[1], 0, nil
            for _, group in ipairs(groups) do
              local name, upTo
              for i = 1, #group, 2 do
                if group[i] == 'name' then name = group[i + 1] end
                if group[i] == 'last-delivered-id' then upTo = group[i + 1] end
              end
              local pending = redis.call('XPENDING', KEYS[1], name)
              if pending[1] > 0 then upTo = pending[2] end
              local m, n = string.match(upTo, '(%d+)-(%d+)')
              m, n = tonumber(m), tonumber(n)
              if m < millis or (m == millis and n < number) then
                millis, number, holding = m, n, name
              end
            end
            local removed = redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%d-%d', millis, number))
            if not holding then return {removed} end
            local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
            local kept = time[1] * 1000 - ARGV[1]
            if first and tonumber(string.match(first[1], '%d+')) < kept then return {removed, holding} end
            return {removed}
            """;

    /**
     * Keys: the stream, the lease. Arguments: the group. Answers the last id that there ever was, the first that there is,
     * the last that the group has read, the first that it has not acknowledged, how many entries there are, and the lease;
     * empty texts for what there is not.
     */
    private static final String POSITIONS = """
            local lease = redis.call('GET', KEYS[2]) or ''
            local stream = redis.pcall('XINFO', 'STREAM', KEYS[1])
            if stream.err then return {'0-0', '', '0-0', '', 0, lease} end
            local last, length = '0-0', 0
            for i = 1, #stream, 2 do
              if stream[i] == 'last-generated-id' then last = stream[i + 1] end
              if stream[i] == 'length' then length = stream[i + 1] end
            end
            local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
            local read, pending = '0-0', ''
            for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
              local name, upTo
              for i = 1, #group, 2 do
                if group[i] == 'name' then name = group[i + 1] end
                if group[i] == 'last-delivered-id' then upTo = group[i + 1] end
              end
              if name == ARGV[1] then
                read = upTo
                pending = redis.call('XPENDING', KEYS[1], name)[2] or ''
              end
            end
            return {last, oldest and oldest[1] or '', read, pending, length, lease}
            """;

    /** Keys: the stream. Arguments: from which id, up to which, how many at most. Answers how many, and the last one's id. */
    private static final String PAGE = """
            local entries = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
            return {#entries, #entries > 0 and entries[#entries][1] or ''}
            """;

    /**
     * Keys: the stream, the lease. Arguments: the group, the id that is to be the last that it has read. The lease is
     * nobody's for a second, which is longer than its owner takes to notice.
     */
    private static final String SEEK = """
            redis.call('SET', KEYS[2], 'nobody:1', 'PX', 1000)
            repeat
              local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000)
              for _, each in ipairs(pending) do redis.call('XACK', KEYS[1], ARGV[1], each[1]) end
            until #pending == 0
            redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2])
            return 1
            """;

    private Scripts() {}

    static CompletableFuture<Boolean> takeLease(
            Session session, byte[] lease, String member, String token, long leaseMillis) {
        return Scripts.<Long>run(
                        session,
                        TAKE_LEASE,
                        ScriptOutputType.INTEGER,
                        List.of(lease),
                        List.of(bytes(member), bytes(token), bytes(leaseMillis)))
                .thenApply(taken -> taken == 1);
    }

    static CompletableFuture<Boolean> renewLease(Session session, byte[] lease, String token, long leaseMillis) {
        return Scripts.<Long>run(
                        session,
                        RENEW_LEASE,
                        ScriptOutputType.INTEGER,
                        List.of(lease),
                        List.of(bytes(token), bytes(leaseMillis)))
                .thenApply(renewed -> renewed == 1);
    }

    /** Arguments from the third on are the script's. */
    static CompletableFuture<Long> releaseLease(Session session, byte[] stream, byte[] lease, List<byte[]> arguments) {
        return run(session, RELEASE_LEASE, ScriptOutputType.INTEGER, List.of(stream, lease), arguments);
    }

    static CompletableFuture<List<Object>> readNew(
            Session session, byte[] stream, byte[] lease, String token, String group, int most) {
        return run(
                session,
                READ_NEW,
                ScriptOutputType.MULTI,
                List.of(stream, lease),
                List.of(bytes(token), bytes(group), bytes(GroupPartition.CONSUMER), bytes(most)));
    }

    static CompletableFuture<List<Object>> takePending(
            Session session, byte[] stream, byte[] lease, String token, String group, String from, int most) {
        return run(
                session,
                TAKE_PENDING,
                ScriptOutputType.MULTI,
                List.of(stream, lease),
                List.of(bytes(token), bytes(group), bytes(GroupPartition.CONSUMER), bytes(from), bytes(most)));
    }

    /** Answers the names of all members, in no order that means anything. */
    static CompletableFuture<List<Object>> greet(Session session, byte[] members, String member, long millis) {
        return run(session, GREET, ScriptOutputType.MULTI, List.of(members), List.of(bytes(member), bytes(millis)));
    }

    static CompletableFuture<List<Object>> trim(
            Session session, byte[] stream, long keptMillis, boolean keepsWhatNoGroupWants) {
        return run(
                session,
                TRIM,
                ScriptOutputType.MULTI,
                List.of(stream),
                List.of(bytes(keptMillis), bytes(keepsWhatNoGroupWants ? 1 : 0)));
    }

    static CompletableFuture<List<Object>> positions(Session session, byte[] stream, byte[] lease, String group) {
        return run(session, POSITIONS, ScriptOutputType.MULTI, List.of(stream, lease), List.of(bytes(group)));
    }

    static CompletableFuture<List<Object>> page(Session session, byte[] stream, String from, String to, int most) {
        return run(
                session, PAGE, ScriptOutputType.MULTI, List.of(stream), List.of(bytes(from), bytes(to), bytes(most)));
    }

    static CompletableFuture<Long> seek(Session session, byte[] stream, byte[] lease, String group, String before) {
        return run(
                session, SEEK, ScriptOutputType.INTEGER, List.of(stream, lease), List.of(bytes(group), bytes(before)));
    }

    private static <T> CompletableFuture<T> run(
            Session session, String script, ScriptOutputType answer, List<byte[]> keys, List<byte[]> arguments) {
        return session.commands()
                .<T>eval(script, answer, keys.toArray(byte[][]::new), arguments.toArray(byte[][]::new))
                .toCompletableFuture();
    }

    private static byte[] bytes(String text) {
        return RedisKeys.bytes(text);
    }

    private static byte[] bytes(long number) {
        return RedisKeys.bytes(Long.toString(number));
    }
}
