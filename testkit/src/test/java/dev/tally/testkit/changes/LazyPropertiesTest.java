package dev.tally.testkit.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import dev.tally.outbox.change.InvalidChangePublicationException;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.testkit.H2Database;
import jakarta.persistence.Basic;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.hibernate.Hibernate;
import org.hibernate.bytecode.enhance.spi.DefaultEnhancementContext;
import org.hibernate.bytecode.internal.bytebuddy.BytecodeProviderImpl;
import org.junit.jupiter.api.Test;

/** Properties that byte-code enhancement loads when they are asked for. */
public class LazyPropertiesTest {

    /** What the test can call; the entity's class is another one than the compiler's. */
    public interface Document {

        void identify(long id);

        void entitle(String title);

        void write(String text);
    }

    /** Loads the enhanced classes of some entities. */
    private static final class Enhancing extends ClassLoader {

        Enhancing() {
            super(LazyPropertiesTest.class.getClassLoader());
        }

        Class<?> enhanced(Class<?> entity) throws IOException {
            String name = entity.getName();
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] code = new BytecodeProviderImpl()
                        .getEnhancer(new DefaultEnhancementContext())
                        .enhance(name, in.readAllBytes());
                return defineClass(name, code, 0, code.length);
            }
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : super.loadClass(name, resolve);
        }
    }

    @Test
    void areLeftOutUntilTheyAreLoadedOrWritten() throws Exception {
        Class<?> letter = new Enhancing().enhanced(Letter.class);
        try (ShopDatabase database = new ShopDatabase(H2Database.inMemory(), List.of(letter), true)) {
            database.in(() -> {
                Document document = create(letter);
                document.identify(1);
                document.entitle("first");
                document.write("long");
                database.entities.persist(document);
            });
            assertThat(database.change().state()).isEqualTo(Map.of("title", "first", "text", "long"));

            database.in(() -> {
                Document document = (Document) database.entities.find(letter, 1L);
                document.entitle("second");
                assertThat(Hibernate.isPropertyInitialized(document, "text")).isFalse();
                database.entities.flush();
                assertThat(Hibernate.isPropertyInitialized(document, "text")).isFalse();
            });
            assertThat(database.change().state()).isEqualTo(Map.of("title", "second"));

            database.in(() -> ((Document) database.entities.find(letter, 1L)).write("other"));
            assertThat(database.change().changed()).isEqualTo(Map.of("text", new PropertyChange(null, "other")));
        }
    }

    private static Document create(Class<?> type) {
        try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return (Document) constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void areNoKeys() throws Exception {
        Class<?> keyed = new Enhancing().enhanced(Keyed.class);

        assertThatExceptionOfType(InvalidChangePublicationException.class)
                .isThrownBy(() -> new ShopDatabase(H2Database.inMemory(), List.of(keyed), true))
                .withMessageContaining("its key 'text' is loaded lazily");
    }
}

@Entity(name = "Letter")
@PublishChanges(topic = "letters")
class Letter implements LazyPropertiesTest.Document {

    @Id
    Long id;

    String title;

    @Basic(fetch = FetchType.LAZY)
    String text;

    @Override
    public void identify(long newId) {
        id = newId;
    }

    @Override
    public void entitle(String newTitle) {
        title = newTitle;
    }

    @Override
    public void write(String newText) {
        text = newText;
    }
}

@Entity(name = "Keyed")
@PublishChanges(topic = "letters", key = "text")
class Keyed {

    @Id
    Long id;

    @Basic(fetch = FetchType.LAZY)
    String text;
}
