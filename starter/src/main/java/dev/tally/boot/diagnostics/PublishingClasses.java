package dev.tally.boot.diagnostics;

import java.util.List;

/**
 * Knows of classes that are annotated to publish, as events and entities are: {@link UnwiredAnnotationsCheck} does not
 * find them at methods of beans.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface PublishingClasses {

    /** Those that there are; complete when all singletons have been created. */
    List<Class<?>> publishingClasses();
}
