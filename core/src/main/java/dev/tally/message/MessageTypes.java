package dev.tally.message;

/**
 * The logical name of a payload class: the value of {@link MessageType}, or the simple class name.
 *
 * @since 0.1
 */
public final class MessageTypes {

    private MessageTypes() {}

    /** The logical name of {@code payloadClass}. */
    public static String nameOf(Class<?> payloadClass) {
        MessageType annotation = payloadClass.getAnnotation(MessageType.class);
        return annotation != null ? annotation.value() : payloadClass.getSimpleName();
    }
}
