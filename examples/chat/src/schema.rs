//! The tables as the migrations leave them.

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    chat (id) {
        id -> Integer,
        user_id -> Nullable<Integer>,
        messages -> Text,
        key -> Nullable<Text>,
    }
}
