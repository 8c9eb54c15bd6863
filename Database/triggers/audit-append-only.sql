-- audit_append_only: what was done stays written.

DELIMITER //

CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE ON audit FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_append_only: a line of the audit trail does not change' //

CREATE OR REPLACE TRIGGER audit_append_only_delete BEFORE DELETE ON audit FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_append_only: a line of the audit trail is not deleted' //

DELIMITER ;
