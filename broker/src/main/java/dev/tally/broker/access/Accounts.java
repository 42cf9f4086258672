package dev.tally.broker.access;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an account file says. Immutable. */
record Accounts(List<AddressPattern> trusted, Map<String, Account> byAccessKey) {

    /** Whether requests from there need no account. */
    boolean trusts(InetAddress address) {
        return trusted.stream().anyMatch(pattern -> pattern.matches(address));
    }

    @Nullable Account account(String accessKey) {
        return byAccessKey.get(accessKey);
    }
}
