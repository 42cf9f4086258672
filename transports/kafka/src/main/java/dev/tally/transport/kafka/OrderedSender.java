package dev.tally.transport.kafka;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.KeyLanes;
import dev.tally.transport.client.UnsendableMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends messages, all at once as far as their keys allow. Thread-safe. */
final class OrderedSender {

    private final RecordSender records;
    private final MessageTranslation translation;
    private final KeyLanes lanes = new KeyLanes();

    OrderedSender(RecordSender records, MessageTranslation translation) {
        this.records = records;
        this.translation = translation;
    }

    List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        for (Message message : messages) {
            outcomes.add(send(message));
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        String topic = message.destination().topic();
        String what = UnsendableMessageException.attempt(message, MessageTranslation.PRODUCT);
        ProducerRecord<byte[], byte[]> record;
        try {
            record = translation.toWire(message);
        } catch (UnsendableMessageException e) {
            return CompletableFuture.completedFuture(e.outcome());
        }
        CompletableFuture<SendOutcome> outcome = records.outcome(what);
        Runnable start = () -> records.send(record, outcome, what);
        String key = message.key();
        if (key == null) {
            start.run();
        } else {
            lanes.depart(new KeyLanes.Lane(topic, key), new KeyLanes.Departure(start, outcome));
        }
        return outcome;
    }
}
