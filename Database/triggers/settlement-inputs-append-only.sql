-- settlement_inputs_append_only: what a payment was counted from stays as it was.

DELIMITER //

CREATE OR REPLACE TRIGGER settlement_inputs_append_only BEFORE UPDATE ON settlement_inputs FOR EACH ROW
    SIGNAL SQLSTATE '45000'
        SET MESSAGE_TEXT = 'settlement_inputs_append_only: what a payment was counted from does not change' //

CREATE OR REPLACE TRIGGER settlement_inputs_append_only_delete BEFORE DELETE ON settlement_inputs FOR EACH ROW
    SIGNAL SQLSTATE '45000'
        SET MESSAGE_TEXT = 'settlement_inputs_append_only: what a payment was counted from is not deleted' //

DELIMITER ;
