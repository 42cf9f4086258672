package dev.tally.faulty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.outbox.change.InvalidChangePublicationException;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.publish.InvalidPublisherException;
import dev.tally.publish.PublishedMessage;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Lob;
import java.nio.file.Path;
import java.sql.Blob;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What is annotated wrongly ends the start-up, with a list of all faults. */
@ExtendWith(OutputCaptureExtension.class)
class FaultyAnnotationsTest {

    @TempDir
    Path directory;

    @Entity
    @PublishChanges(
            topic = "changes",
            key = "costumer",
            exclude = {"nothing", "excluded"})
    static class Faulty {

        @Id
        Long id;

        @Lob
        Blob scan;

        @Lob
        Blob excluded;
    }

    @Entity
    @PublishChanges(topic = "changes", key = "tags")
    static class KeyedByMany {

        @Id
        Long id;

        @ElementCollection
        Set<String> tags = new HashSet<>();
    }

    @PublishedMessage(topic = "events", key = "#event.(")
    interface Unparsable {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = FaultyAnnotationsTest.class)
    static class WithEntities {}

    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    static class WithEvents {}

    private void start(Class<?> application) {
        new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.generate-unique-name=true",
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.broker.data-directory=" + directory.resolve("broker"),
                        "--tally.rocketmq.close-timeout=1s")
                .close();
    }

    @Test
    void entities(CapturedOutput output) {
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> start(WithEntities.class))
                .havingRootCause()
                .isInstanceOf(InvalidChangePublicationException.class);

        assertThat(output)
                .contains("Cannot start: 4 faults in entities annotated with @PublishChanges")
                .contains("its key 'costumer' does not exist: there is no property 'costumer' in [excluded, scan]")
                .contains("its property 'scan' is a stream (Blob)")
                .contains("there is no property 'nothing' to exclude in it")
                .contains("its key 'tags' is neither a single value nor an association with one entity")
                .contains("Correct the entities");
    }

    @Test
    void eventsInTheApplicationsPackages(CapturedOutput output) {
        assertThatExceptionOfType(InvalidPublisherException.class).isThrownBy(() -> start(WithEvents.class));

        assertThat(output)
                .contains("Cannot start: 1 faults in event classes")
                .contains(Unparsable.class.getName() + ": its key '#event.(' is not a SpEL expression");
    }
}
