package dev.tally.testkit.changes;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.outbox.change.InvalidChangePublicationException;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.testkit.H2Database;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import java.sql.Blob;
import java.sql.Clob;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.annotations.Any;
import org.hibernate.annotations.AnyDiscriminatorValue;
import org.hibernate.annotations.AnyKeyJavaClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused at start-up, with a reason. */
class FaultyEntitiesTest {

    @Embeddable
    record Place(String city, Clob plan) {}

    @Entity
    @PublishChanges(topic = "t", key = "missing")
    static class NoSuchKey {

        @Id
        Long id;

        String name;
    }

    @Entity
    @PublishChanges(topic = "t", key = "place.country", exclude = "place.plan")
    static class NoSuchPart {

        @Id
        Long id;

        @Embedded
        Place place;
    }

    @Entity
    @PublishChanges(topic = "t", key = "name.length")
    static class KeyInsideOfText {

        @Id
        Long id;

        String name;
    }

    @Entity
    @PublishChanges(
            topic = " ",
            operations = {})
    static class Nothing {

        @Id
        Long id;
    }

    @Entity
    @PublishChanges(topic = "t")
    static class Streams {

        @Id
        Long id;

        Blob scan;

        @Embedded
        Place place;
    }

    @Entity
    @PublishChanges(topic = "t")
    static class Anything {

        @Id
        Long id;

        @Any
        @AnyKeyJavaClass(Long.class)
        @AnyDiscriminatorValue(discriminator = "S", entity = Streams.class)
        @JoinColumn(name = "thing_id")
        @Column(name = "thing_kind")
        Object thing;
    }

    @Entity
    @PublishChanges(topic = "t")
    static class OddMap {

        @Id
        Long id;

        @ElementCollection
        Map<Spot, String> spots = new HashMap<>();
    }

    @Embeddable
    record Spot(int x, int y) {}

    @Entity
    @PublishChanges(topic = "t", key = "parent.name")
    static class BeyondAnAssociation {

        @Id
        Long id;

        @ManyToOne
        NoSuchKey parent;
    }

    static List<Arguments> faults() {
        return List.of(
                Arguments.of(
                        NoSuchKey.class, List.of("its key 'missing' does not exist: there is no property 'missing'")),
                Arguments.of(
                        NoSuchPart.class,
                        List.of(
                                "its key 'place.country' does not exist: there is no property 'country' in [city, plan]")),
                Arguments.of(KeyInsideOfText.class, List.of("there is no property 'length' in []")),
                Arguments.of(Nothing.class, List.of("its topic is blank", "it names no operations")),
                Arguments.of(
                        Streams.class,
                        List.of("'scan' is a stream (Blob)", "its property 'place.plan' is a stream (Clob)")),
                Arguments.of(Anything.class, List.of("'thing' is an @Any association")),
                Arguments.of(OddMap.class, List.of("'spots' is a map with embedded keys")),
                Arguments.of(
                        BeyondAnAssociation.class,
                        List.of("its key 'parent.name' does not exist: there is no property 'name' in []")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void areRefusedWithAReason(Class<?> entity, List<String> reasons) {
        List<Class<?>> classes = List.of(entity, Streams.class, NoSuchKey.class).stream()
                .distinct()
                .<Class<?>>map(type -> type)
                .toList();

        var refusal = assertThatExceptionOfType(InvalidChangePublicationException.class)
                .isThrownBy(() -> new ShopDatabase(H2Database.inMemory(), classes, true));
        refusal.withMessageContaining(entity.getName());
        reasons.forEach(refusal::withMessageContaining);
    }
}
