package dev.tally.saga.engine;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.saga.message.SagaReply;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes sagas whose time has come: time-outs, next attempts, deadlines, mail. A saga is claimed by its row's lock alone, so
 * a process that dies or stands still holds it no longer than its transaction. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaWaker {

    private static final Logger log = LoggerFactory.getLogger(SagaWaker.class);

    private final EngineParts parts;
    private final WorkRunner runner;
    private final int batch;

    /**
     * Creates the waker.
     *
     * @param batch how many sagas are waked in one transaction at most
     */
    public SagaWaker(EngineParts parts, int batch) {
        this.parts = parts;
        this.runner = new WorkRunner(parts);
        this.batch = batch;
    }

    /**
     * What was waked.
     *
     * @param sagas how many
     * @param more whether there may be more whose time has come
     */
    public record Waked(int sagas, boolean more) {}

    /** Wakes a batch of each kind of saga whose time has come. */
    public Waked wakeSome() {
        int sagas = 0;
        boolean more = false;
        for (String name : parts.definitions().names()) {
            int waked = wakeSome(name);
            sagas += waked;
            more |= waked >= batch;
        }
        return new Waked(sagas, more);
    }

    private int wakeSome(String name) {
        Set<Integer> versions = parts.definitions().runnableVersions(name);
        List<String> claimed = new ArrayList<>();
        KnownFailures failures = new KnownFailures();
        try {
            runner.once(
                    work -> {
                        List<StoredSaga> due = parts.store().lockDue(name, versions, work.now(), batch);
                        due.forEach(saga -> claimed.add(saga.id()));
                        wake(work, due);
                    },
                    failures);
        } catch (RuntimeException e) {
            if (claimed.isEmpty()) {
                throw e;
            }
            log.debug("{} sagas are waked one by one", claimed.size(), e);
            claimed.forEach(id -> wakeAlone(id, failures));
        }
        return claimed.size();
    }

    private void wakeAlone(String id, KnownFailures failures) {
        runner.persistently(
                work -> wake(
                        work,
                        parts.store().lock(List.of(id)).stream()
                                .filter(saga -> isDue(saga, work.now()))
                                .toList()),
                failures,
                null);
    }

    private static boolean isDue(StoredSaga saga, Instant now) {
        return saga.wakeAt() != null && !saga.wakeAt().isAfter(now);
    }

    private void wake(SagaWork work, List<StoredSaga> sagas) {
        if (sagas.isEmpty()) {
            return;
        }
        Map<String, List<Mail>> mail =
                parts.store().mail(sagas.stream().map(StoredSaga::id).toList(), Mail.Kind.REPLY).stream()
                        .collect(Collectors.groupingBy(Mail::sagaId));
        for (StoredSaga saga : sagas) {
            SagaRun<?> run = work.open(saga);
            for (Mail reply : mail.getOrDefault(saga.id(), List.of())) {
                parts.store().removeMail(saga.id(), List.of(reply.id()));
                Message message = message(reply);
                work.reply(run, SagaReply.of(message), message);
            }
            work.apply(run, run::wake);
        }
    }

    private static Message message(Mail mail) {
        return new Message(
                new MessageId(mail.id()),
                new Destination("mail", null),
                mail.sagaId(),
                mail.body().type(),
                Headers.of(mail.headers()),
                mail.body().bytes());
    }
}
