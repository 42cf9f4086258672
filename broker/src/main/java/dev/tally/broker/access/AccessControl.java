package dev.tally.broker.access;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.store.StoredMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets requests pass that an account file allows. In this order, and before anything else looks at the request:
 *
 * <ol>
 *   <li>Requests from trusted addresses pass.
 *   <li>The request names an account and carries its signature; of what does not fit, the answer does not tell.
 *   <li>The account has the permissions that the request needs. Whether the topic or group exists plays no part.
 *   <li>Where the request refers to a message by its position, the account may use that message's topic as well.
 * </ol>
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class AccessControl implements RequestGate {

    private static final Logger log = LoggerFactory.getLogger(AccessControl.class);
    private static final CompletableFuture<@Nullable Answer> PASS = CompletableFuture.completedFuture(null);

    /** Checked where the account is unknown, so that this takes as long as a signature that does not fit. */
    private static final Signature NOBODYS = new Signature("the key of no account");

    private final Path file;
    private final LongFunction<@Nullable StoredMessage> messages;
    private final Executor reads;
    private final RefusalLog refusals;
    private final ConcurrentMap<Connection, String> accountsOf = new ConcurrentHashMap<>();
    private volatile Accounts accounts;

    /**
     * Reads the account file.
     *
     * @param messages the message at a log position; may read from disk
     * @param reads runs what may read from disk
     * @throws AccountFileException where the file cannot be used
     */
    public AccessControl(Path file, LongFunction<@Nullable StoredMessage> messages, Executor reads, InstantSource clock)
            throws AccountFileException {
        this.file = file;
        this.messages = messages;
        this.reads = reads;
        this.refusals = new RefusalLog(clock);
        this.accounts = load();
    }

    /**
     * Reads the file again; from then on it counts for every request, of standing connections as well.
     *
     * @throws AccountFileException where it cannot be used; what was read before stays
     */
    public void reload() throws AccountFileException {
        accounts = load();
    }

    private Accounts load() throws AccountFileException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new AccountFileException("Cannot use account file " + file + ": it does not exist");
        } catch (CharacterCodingException e) {
            throw new AccountFileException("Cannot use account file " + file + ": it is no UTF-8 text");
        } catch (IOException e) {
            throw new AccountFileException("Cannot use account file " + file + ": " + e);
        }
        Accounts read = AccountFile.read(file.toString(), text);
        AccountFile.warn(read, warning -> log.warn("Account file {}: {}", file, warning));
        log.info(
                "Accounts read; file={} accounts={} trustedAddresses={}",
                file,
                read.byAccessKey().size(),
                read.trusted().size());
        return read;
    }

    /** Requests refused since the start. */
    public long refused() {
        return refusals.count();
    }

    @Override
    public CompletableFuture<@Nullable Answer> check(Connection connection, Command request) {
        Accounts now = accounts;
        InetAddress from = connection.remoteAddress().getAddress();
        if (now.trusts(from)) {
            return PASS;
        }
        String accessKey = request.fields().text(Signature.ACCESS_KEY);
        if (accessKey == null) {
            return refused(connection, request, "", "the request is not signed, and this broker asks for accounts");
        }
        Account account = now.account(accessKey);
        if (account != null && account.trusted() != null && account.trusted().matches(from)) {
            remember(connection, accessKey);
            return PASS;
        }
        if (!(account == null ? NOBODYS : account.signature()).signs(request) || account == null) {
            return refused(connection, request, accessKey, "the access key is unknown or the signature does not fit");
        }
        List<Need> needs = account.admin() ? List.of() : Demands.of(request);
        for (Need need : needs) {
            if (need.kind() != Need.Kind.POSITION && !account.allows(need)) {
                return refused(connection, request, accessKey, lacking(account, need));
            }
        }
        remember(connection, accessKey);
        return needs.stream()
                .filter(need -> need.kind() == Need.Kind.POSITION)
                .findFirst()
                .map(need -> checkPosition(connection, request, account, need))
                .orElse(PASS);
    }

    private void remember(Connection connection, String accessKey) {
        if (!accessKey.equals(accountsOf.get(connection))) {
            accountsOf.put(connection, accessKey);
            if (!connection.open()) {
                // It went meanwhile: nobody would tell of it again.
                accountsOf.remove(connection);
            }
        }
    }

    private CompletableFuture<@Nullable Answer> checkPosition(
            Connection connection, Command request, Account account, Need need) {
        return CompletableFuture.completedFuture(need)
                .thenComposeAsync(
                        position -> {
                            StoredMessage message = messages.apply(Long.parseLong(position.name()));
                            if (message != null && account.allows(Need.topic(message.topic(), position.use()))) {
                                return PASS;
                            }
                            // The same whether there is none or one that is not for this account.
                            return refused(connection, request, account.accessKey(), lacking(account, position));
                        },
                        reads);
    }

    private static String lacking(Account account, Need need) {
        String who = "account " + account.accessKey();
        return switch (need.kind()) {
            case ADMIN -> who + " is no administrator";
            case TOPIC -> who + " has no " + spelled(need.use()) + " permission for topic " + need.name();
            case GROUP -> who + " has no SUB permission for group " + need.name();
            case POSITION -> "no message that " + who + " may use stands at position " + need.name();
        };
    }

    private static String spelled(Permission.Use use) {
        return use == Permission.Use.ANY ? "PUB or SUB" : use.name();
    }

    private CompletableFuture<@Nullable Answer> refused(
            Connection connection, Command request, String accessKey, String reason) {
        refusals.refused(connection.remoteAddress(), request.code(), accessKey, reason);
        return CompletableFuture.completedFuture(
                Answer.refused(ResponseCode.NO_PERMISSION, "Request refused: " + reason + "; nothing was done"));
    }

    @Override
    public boolean mayBeAsked(Connection producer, String topic) {
        Accounts now = accounts;
        InetAddress from = producer.remoteAddress().getAddress();
        if (now.trusts(from)) {
            return true;
        }
        String accessKey = accountsOf.get(producer);
        Account account = accessKey == null ? null : now.account(accessKey);
        if (account == null) {
            return false;
        }
        boolean trusted = account.trusted() != null && account.trusted().matches(from);
        return trusted || account.allows(Need.topic(topic, Permission.Use.PUB));
    }

    @Override
    public void gone(Connection connection) {
        accountsOf.remove(connection);
    }
}
