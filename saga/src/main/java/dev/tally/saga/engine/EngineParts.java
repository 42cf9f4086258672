package dev.tally.saga.engine;

import dev.tally.message.PayloadCodec;
import dev.tally.publish.MessagePublisher;
import dev.tally.saga.SagaListener;
import dev.tally.saga.lock.SagaLocks;
import dev.tally.saga.store.SagaStore;
import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What the engine works with.
 *
 * @param definitions of the sagas that can run here
 * @param store where they are kept
 * @param locks their semantic locks, in the store's data source
 * @param publisher sends commands, in the store's transactions
 * @param codec reads and writes commands' and replies' payloads
 * @param data reads and writes sagas' data
 * @param transactions of the store's data source
 * @param clock times everything
 * @param random where the jitter of waits comes from; thread-safe
 * @param ids gives ids of at most 64 characters, unique for ever
 * @param topics gives the topic of a participant's commands
 * @param replyTopic where participants answer
 * @param listener told what happens
 * @since 0.1
 */
public record EngineParts(
        SagaDefinitions definitions,
        SagaStore store,
        SagaLocks locks,
        MessagePublisher publisher,
        PayloadCodec codec,
        SagaDataCodec data,
        PlatformTransactionManager transactions,
        InstantSource clock,
        RandomGenerator random,
        Supplier<String> ids,
        UnaryOperator<String> topics,
        String replyTopic,
        SagaListener listener) {}
