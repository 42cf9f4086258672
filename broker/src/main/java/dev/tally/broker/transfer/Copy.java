package dev.tally.broker.transfer;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy from one cluster to another.
 *
 * <p>It runs in rounds: each copies every queue to the end that it has at that time, and then carries the groups' positions
 * over. Without following there is one round. What is confirmed is written to the state file about twice a second and at
 * the end; what an interrupted run had sent beyond, the next one finds at the target.
 *
 * <p><b>Thread-safety.</b> {@link #run} is called once; {@link #stop} by any thread.
 *
 * @since 0.1
 */
public final class Copy implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Copy.class);

    /** What only this broker says of itself: it keeps the order of a connection, and its counts are exact. */
    static final String MARK_OF_TALLY = "halfMessagesUndecided";

    private static final int WINDOW = 64;
    private static final int ROCKETMQ_LIMIT_BYTES = 4 * 1024 * 1024;
    private static final long SAVE_MILLIS = 500;
    private static final long BETWEEN_ROUNDS_MILLIS = 500;
    private static final long PAUSE_MILLIS = 2000;
    private static final int SAVES_BETWEEN_POSITIONS = 4;

    private final CopyOptions options;
    private final Consumer<String> out;
    private final EventLoopGroup loops;
    private final Link fromLink;
    private final Link toLink;
    private final ExecutorService workers;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * Prepares a copy; connects to nobody yet.
     *
     * @param options what is copied
     * @param out gets lines for people
     * @throws IOException where the certificates to trust cannot be read
     */
    public Copy(CopyOptions options, Consumer<String> out) throws IOException {
        this.options = options;
        this.out = out;
        this.loops = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("tally-copy-io", true), NioIoHandler.newFactory());
        this.workers = Executors.newFixedThreadPool(options.parallel(), new DefaultThreadFactory("tally-copy", true));
        boolean made = false;
        try {
            this.fromLink = new Link(options.from(), loops, options.timeout());
            this.toLink = new Link(options.to(), loops, options.timeout());
            made = true;
        } finally {
            if (!made) {
                endThreads();
            }
        }
    }

    /**
     * Has the copy come to an end: one that follows copies what is there by now, any other one leaves the rest for the
     * next run.
     */
    public void stop() {
        stopped.countDown();
    }

    private boolean stopping() {
        return stopped.getCount() == 0;
    }

    /**
     * Copies.
     *
     * @throws IOException where the copy could not begin or its state could not be kept; what was confirmed before is in
     *     the state file
     */
    public CopyResult run() throws IOException, InterruptedException {
        Site from = new Site(fromLink);
        Map<String, Node> sources = from.masters();
        if (sources.isEmpty()) {
            throw new CopyFailedException(options.from().nameServer() + " knows no master. Nothing was copied");
        }
        Node target = target();
        BooleanSupplier halted = () -> !options.follow() && stopping();
        List<String> notes = new ArrayList<>();
        try (CopyState state = new CopyState(
                options.state(), options.from().nameServer(), options.to().nameServer(), target.name())) {
            Plan plan = new Plan(options, from, sources, target, state, rules(target), halted, notes::add);
            GroupPositions positions = new GroupPositions(sources, target);
            plan.refresh();
            out.accept("copying " + plan.queues().size() + " queues and "
                    + plan.groups().size() + " groups from "
                    + options.from() + " to broker " + target.name() + " of " + options.to() + "; state: "
                    + options.state());
            rounds(plan, state, positions);
            return conclude(plan, positions, notes, sources.values());
        }
    }

    private void rounds(Plan plan, CopyState state, GroupPositions positions) throws IOException, InterruptedException {
        int failed = 0;
        while (true) {
            // Asked before the round: what came until the stop is copied by this round.
            boolean last = !options.follow() || stopping();
            try {
                plan.refresh();
                round(plan, state, positions);
                failed = 0;
                if (last) {
                    return;
                }
            } catch (CopyFailedException e) {
                throw e;
            } catch (IOException e) {
                if (last || ++failed > options.attempts()) {
                    throw e;
                }
                log.warn("A round of the copy failed and is tried again; attempt={}", failed, e);
            }
            var unused = stopped.await(failed == 0 ? BETWEEN_ROUNDS_MILLIS : PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private CopyResult conclude(Plan plan, GroupPositions positions, List<String> notes, Collection<Node> sources)
            throws IOException {
        List<String> failures = new ArrayList<>();
        List<String> verdicts = new ArrayList<>();
        long copied = 0;
        long missing = 0;
        for (QueueCopy queue : plan.queues()) {
            copied += queue.state().copied();
            missing += queue.state().missing();
            String complaint = complaint(queue);
            verdicts.add(complaint == null ? "ok" : "NOT WHOLE");
            if (complaint != null) {
                failures.add(complaint);
            }
        }
        new CopyReport(out).table(plan.queues(), verdicts);
        Unmovable unmovable = Unmovable.at(sources);
        if (unmovable.any()) {
            out.accept("left at the source: " + unmovable
                    + "; they appear in its queues when they are due or decided, and a later run takes them along");
        }
        notes.forEach(note -> out.accept("note: " + note));
        if (!positions.leftOnline().isEmpty()) {
            out.accept("note: groups " + positions.leftOnline()
                    + " have consumers at the target, which keep their own positions there");
        }
        out.accept("positions carried over: " + positions.committed() + " for "
                + plan.groups().size() + " groups");
        failures.forEach(out);
        out.accept(
                failures.isEmpty()
                        ? "COMPLETE: " + copied + " messages copied, every queue verified"
                        : "NOT COMPLETE: " + copied + " messages copied, " + missing + " missing, "
                                + failures.size() + " of " + plan.queues().size()
                                + " queues are not whole; run it again with the same state file to go on");
        return new CopyResult(failures.isEmpty(), copied, missing, failures);
    }

    private @Nullable String complaint(QueueCopy queue) {
        if (queue.failure() != null) {
            return queue.failure();
        }
        try {
            String complaint = queue.verify();
            if (complaint == null && !options.follow() && stopping()) {
                complaint = queue.unfinished();
            }
            return complaint == null ? null : "Verifying " + queue.state() + ": " + complaint;
        } catch (IOException e) {
            log.debug("Verifying failed; queue={}", queue.state(), e);
            return "Verifying " + queue.state() + " failed: " + e.getMessage();
        }
    }

    private Node target() throws IOException {
        Map<String, Node> masters = new Site(toLink).masters();
        String wanted = options.toBroker();
        if (wanted == null && masters.size() > 1) {
            throw new CopyFailedException("The target has several brokers " + masters.keySet()
                    + "; say which one with --to-broker. Nothing was copied");
        }
        Node only = wanted == null ? masters.values().stream().findFirst().orElse(null) : masters.get(wanted);
        if (only == null) {
            throw new CopyFailedException(options.to().nameServer() + " knows no master "
                    + (wanted == null ? "" : wanted + ", only " + masters.keySet()) + ". Nothing was copied");
        }
        return only;
    }

    private SendRules rules(Node target) throws IOException {
        boolean keepsOrder = target.runtime().containsKey(MARK_OF_TALLY);
        return new SendRules(
                keepsOrder ? WINDOW : 1,
                target.setting("maxMessageSize", ROCKETMQ_LIMIT_BYTES),
                options.bornTolerance().toMillis(),
                options.attempts());
    }

    private void round(Plan plan, CopyState state, GroupPositions positions) throws IOException, InterruptedException {
        List<QueueCopy> healthy =
                plan.queues().stream().filter(queue -> queue.failure() == null).toList();
        CountDownLatch ended = new CountDownLatch(healthy.size());
        for (QueueCopy queue : healthy) {
            workers.execute(() -> {
                try {
                    queue.copyToEnd();
                } finally {
                    ended.countDown();
                }
            });
        }
        int saves = 0;
        while (!ended.await(SAVE_MILLIS, TimeUnit.MILLISECONDS)) {
            state.save();
            if (options.follow() && ++saves % SAVES_BETWEEN_POSITIONS == 0) {
                positions.carryOver(plan.groups(), states(plan));
            }
        }
        state.save();
        healthy.stream()
                .map(QueueCopy::failure)
                .filter(failure -> failure != null)
                .forEach(out);
        positions.carryOver(plan.groups(), states(plan));
    }

    private static Collection<QueueState> states(Plan plan) {
        return plan.queues().stream().map(QueueCopy::state).toList();
    }

    @Override
    public void close() {
        endThreads();
        fromLink.close();
        toLink.close();
    }

    private void endThreads() {
        workers.shutdownNow();
        var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
