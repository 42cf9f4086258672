package dev.tally.boot;

import dev.tally.consume.PayloadValidator;
import jakarta.validation.Validator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** The check of payloads that are annotated with {@code @Valid}, where Jakarta Validation is there. */
@AutoConfiguration(
        before = TallyConsumerAutoConfiguration.class,
        afterName = "org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration")
@ConditionalOnClass(Validator.class)
public final class TallyValidationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(PayloadValidator.class)
    @ConditionalOnSingleCandidate(Validator.class)
    BeanPayloadValidator tallyPayloadValidator(Validator validator) {
        return new BeanPayloadValidator(validator);
    }
}
