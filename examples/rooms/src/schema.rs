//! The tables as the migrations leave them, as far as they are the same on every database: the times
//! and the kinds of things have other types on each.

diesel::table! {
    users (id) {
        id -> Integer,
        username -> VarChar,
        display_name -> Nullable<VarChar>,
    }
}

diesel::table! {
    rooms (id) {
        id -> VarChar,
        name -> VarChar,
        owner_id -> Integer,
        is_private -> Bool,
        max_members -> Integer,
        new_field -> Nullable<VarChar>,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        room_id -> VarChar,
        sender_id -> Nullable<Integer>,
        body -> Text,
    }
}

diesel::joinable!(messages -> users (sender_id));
diesel::allow_tables_to_appear_in_same_query!(messages, rooms, users);
