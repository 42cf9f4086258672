package dev.tally.publish;

import java.util.List;

/** What an annotation says about a message, whichever annotation it is; empty where it says nothing. */
record MessageSpec(
        String topic,
        String payload,
        String condition,
        String key,
        String tag,
        List<String> headers,
        String delay,
        Via via) {

    static MessageSpec of(TransactionalPublisher annotation) {
        return new MessageSpec(
                annotation.topic(),
                annotation.payload(),
                annotation.condition(),
                annotation.key(),
                annotation.tag(),
                List.of(annotation.headers()),
                annotation.delay(),
                annotation.via());
    }

    static MessageSpec of(PublishedMessage annotation) {
        return new MessageSpec(
                annotation.topic(),
                annotation.payload(),
                annotation.condition(),
                annotation.key(),
                annotation.tag(),
                List.of(annotation.headers()),
                annotation.delay(),
                annotation.via());
    }
}
