package dev.tally.boot;

import dev.tally.consume.PayloadValidator;
import jakarta.validation.Validator;
import java.util.List;

/** Checks payloads by Jakarta Validation. */
final class BeanPayloadValidator implements PayloadValidator {

    private final Validator validator;

    BeanPayloadValidator(Validator validator) {
        this.validator = validator;
    }

    @Override
    public List<String> faultsOf(Object payload) {
        return validator.validate(payload).stream()
                .map(violation -> violation.getPropertyPath() + " " + violation.getMessage())
                .sorted()
                .toList();
    }
}
