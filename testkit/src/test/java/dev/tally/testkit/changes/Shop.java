package dev.tally.testkit.changes;

import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.PublishChanges;
import jakarta.persistence.CascadeType;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MapKeyColumn;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OneToOne;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Version;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.SQLDelete;
import org.hibernate.annotations.SoftDelete;

/** Entities of all kinds whose changes are published. */
final class Shop {

    private Shop() {}

    static final List<Class<?>> ENTITIES = List.of(
            Customer.class,
            Passport.class,
            Badge.class,
            Invoice.class,
            InvoiceLine.class,
            Ticket.class,
            Vehicle.class,
            Car.class,
            Truck.class,
            Seat.class,
            Booking.class,
            SoftNote.class,
            FlaggedNote.class,
            Shelf.class,
            Unpublished.class);

    enum Level {
        NEW,
        GOLD
    }

    @Embeddable
    static class Address {

        String city;
        String street;
        String note;

        @ElementCollection
        @CollectionTable(name = "customer_phones")
        Set<String> phones = new HashSet<>();

        protected Address() {}

        Address(String city, String street) {
            this.city = city;
            this.street = street;
        }
    }

    @Embeddable
    record Score(String game, int points) {}

    @Embeddable
    record Contact(String mail, String line) {}

    @Entity(name = "Customer")
    @PublishChanges(
            topic = "${customers}",
            name = "customer",
            tag = "c",
            exclude = {"secret", "address.note"})
    static class Customer {

        @Id
        Long id;

        @Version
        int version;

        String name;
        Level level;

        @Column(precision = 30, scale = 2)
        BigDecimal credit;

        LocalDate born;
        Instant seen;
        byte[] picture;
        String secret;

        @Formula("1 + 1")
        Integer computed;

        @Embedded
        Address address;

        @Embedded
        Contact contact;

        @ElementCollection
        Set<String> tags = new HashSet<>();

        @ElementCollection
        @MapKeyColumn(name = "k")
        Map<String, Integer> counters = new HashMap<>();

        @ElementCollection
        @OrderColumn
        List<Score> scores = new ArrayList<>();

        @ManyToOne(fetch = FetchType.LAZY)
        Customer manager;

        @ManyToMany
        Set<Badge> badges = new HashSet<>();

        @OneToOne(mappedBy = "customer")
        Passport passport;

        @OneToMany(mappedBy = "customer")
        List<Invoice> invoices = new ArrayList<>();

        protected Customer() {}

        Customer(long id, String name) {
            this.id = id;
            this.name = name;
        }
    }

    @Entity(name = "Passport")
    static class Passport {

        @Id
        Long id;

        @OneToOne
        Customer customer;
    }

    @Entity(name = "Badge")
    static class Badge {

        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        Long id;

        String label;

        protected Badge() {}

        Badge(String label) {
            this.label = label;
        }
    }

    @Entity(name = "Invoice")
    @PublishChanges(topic = "invoices")
    static class Invoice {

        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Customer customer;

        @OneToMany(mappedBy = "invoice", cascade = CascadeType.ALL, orphanRemoval = true)
        List<InvoiceLine> lines = new ArrayList<>();

        protected Invoice() {}

        Invoice(long id) {
            this.id = id;
        }

        InvoiceLine line(long lineId, String what) {
            InvoiceLine line = new InvoiceLine();
            line.id = lineId;
            line.what = what;
            line.invoice = this;
            lines.add(line);
            return line;
        }
    }

    @Entity(name = "InvoiceLine")
    @PublishChanges(topic = "invoices", key = "invoice")
    static class InvoiceLine {

        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Invoice invoice;

        String what;
    }

    @Entity(name = "Ticket")
    @PublishChanges(topic = "tickets")
    static class Ticket {

        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        Long id;

        String title;

        @OneToMany(cascade = CascadeType.ALL)
        @JoinColumn(name = "ticket_id")
        List<Badge> badges = new ArrayList<>();

        protected Ticket() {}

        Ticket(String title) {
            this.title = title;
        }
    }

    @MappedSuperclass
    @PublishChanges(topic = "vehicles", key = "plate", name = "not for those below", exclude = "cargo")
    abstract static class Machine {

        @Id
        Long id;

        String plate;
    }

    @Entity(name = "Vehicle")
    @Inheritance(strategy = InheritanceType.JOINED)
    abstract static class Vehicle extends Machine {

        int wheels;
    }

    @Entity(name = "Car")
    static class Car extends Vehicle {

        int seats;
    }

    @Entity(name = "Truck")
    static class Truck extends Vehicle {

        int cargo;
    }

    @Embeddable
    record SeatId(String room, int number) implements Serializable {}

    @Entity(name = "Seat")
    @PublishChanges(topic = "seats", key = "id.room")
    static class Seat {

        @EmbeddedId
        SeatId id;

        String color;

        protected Seat() {}

        Seat(SeatId id, String color) {
            this.id = id;
            this.color = color;
        }
    }

    static class BookingId implements Serializable {

        String guest;
        SeatId seat;

        @Override
        public boolean equals(Object other) {
            return other instanceof BookingId that && guest.equals(that.guest) && seat.equals(that.seat);
        }

        @Override
        public int hashCode() {
            return guest.hashCode();
        }
    }

    @Entity(name = "Booking")
    @IdClass(BookingId.class)
    @PublishChanges(topic = "bookings")
    static class Booking {

        @Id
        String guest;

        @Id
        @ManyToOne
        Seat seat;

        int persons;
    }

    @Entity(name = "SoftNote")
    @SoftDelete
    @PublishChanges(topic = "notes")
    static class SoftNote {

        @Id
        Long id;

        String text;
    }

    @Entity(name = "FlaggedNote")
    @SQLDelete(sql = "UPDATE FlaggedNote SET gone = true WHERE id = ?")
    @PublishChanges(topic = "notes")
    static class FlaggedNote {

        @Id
        Long id;

        boolean gone;
    }

    @Entity(name = "Shelf")
    @PublishChanges(topic = "shelves", operations = Operation.DELETED, key = "aisle")
    static class Shelf {

        @Id
        Long id;

        String aisle;
    }

    @Entity(name = "Unpublished")
    static class Unpublished {

        @Id
        Long id;

        String text;
    }
}
